import { dictionary } from '../shared/i18n';

export const t = dictionary({
  noShow: ['没有未结束的场次', 'No show that has not ended'],
  none: ['这一场还没有库存', 'This show has no stock yet'],
  reload: ['刷新', 'Reload'],
  asOf: ['数据截至 {t}（北京时间）', 'As of {t} Beijing time'],
  figures: ['总量 {total} · 已售和已占用 {committed} · 剩余 {left} {unit}', '{total} in all · {committed} sold or held · {left} {unit} left'],
  change: ['调整库存', 'Change the stock'],
  changeHint: ['现在剩余 {n} {unit}。直播中即时生效；不会低于已售和已占用的数量。', '{n} {unit} left now. Works at once, also while it sells; never below what is sold or held.'],
  way: ['怎样调整', 'What to do'],
  raise: ['增加', 'Raise'],
  lower: ['调减', 'Lower'],
  allUnsold: ['全部未售的都调走', 'Take away all that is unsold'],
  amount: ['数量（{unit}）', 'Units ({unit})'],
  amountHint: ['增加或调减多少；“全部未售”不用填', 'How many to add or take away; empty for all unsold'],
  why: ['原因', 'Why'],
  changed: ['已调整：{title}，几秒内生效', 'Changed: {title}; it takes effect within seconds'],
});
