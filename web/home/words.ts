import { dictionary } from '../shared/i18n';

export const t = dictionary({
  title: ['村播集市 · 官方助农直播', 'Livefair · official live sales'],
  slogan: ['看得见产地，买得到好货', 'See where it grows, buy what is good'],
  sub: ['县长、市长和妇联主席们的直播间，卖自己家乡的东西。', 'County heads and federation chairs sell what their home places grow.'],
  live: ['正在直播', 'Live now'],
  planned: ['即将开播', 'Coming up'],
  ended: ['已结束', 'Past shows'],
  none: ['还没有安排直播', 'No shows yet'],
  noneHint: ['主办方创建场次后会出现在这里', 'Shows appear here once an organiser has made them'],
  failed: ['场次没有取到', 'The list could not be fetched'],
  again: ['再试一次', 'Try again'],
  enter: ['进入直播间', 'Watch'],
  starts: ['{t} 开播', 'Starts {t}'],
  places: ['{n} 个城市', '{n} places'],
  operator: ['运营大屏', 'Operations'],
  private: ['内部', 'Private'],
  replay: ['看回放', 'Replay'],
  practice: ['彩排', 'Rehearsal'],
});
