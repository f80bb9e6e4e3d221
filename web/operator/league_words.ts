import { dictionary } from '../shared/i18n';

export const t = dictionary({
  scope: ['统计哪些场次', 'Which shows'],
  allShows: ['全部场次', 'All shows'],
  thisShow: ['只统计这一场', 'This show alone'],
  from: ['从', 'From'],
  fromTip: ['从哪天起；空着为全部', 'From which day; empty: since ever'],
  refresh: ['重新统计', 'Count again'],
  asOf: ['数据截至 {t}', 'As of {t}'],

  league: ['单位榜', 'League'],
  none: ['还没有单位采购', 'No organisation has bought yet'],
  place: ['名次', 'Place'],
  organisation: ['单位', 'Organisation'],
  members: ['人数', 'Members'],
  orders: ['订单', 'Orders'],
  paid: ['付款额', 'Paid'],
  refunded: ['退款额', 'Refunded'],
  net: ['净额', 'Net'],
  expected: ['应购', 'Expected'],
  expectedTip: ['各单位净额合计 × 本单位人数 ÷ 总人数', 'What all of them bought net × own members / all members'],
  reached: ['完成', 'Reached'],
  reachedTip: ['净额 ÷ 应购', 'Net / expected'],

  flags: ['需要人工核实', 'To be looked at'],
  flagsHint: ['按固定规则列出，不是结论，也不影响任何订单。', 'Named by fixed rules; no judgement, and no order is touched.'],
  flagsNone: ['没有', 'None'],
  repeated_refunds: ['多次退款', 'Repeated refunds'],
  single_payer_bulk: ['单人大量付款', 'One payer, much'],
  buyer: ['买家 {id}', 'Buyer {id}'],
  flagPaid: ['付款 {n} 单 {y}', '{n} paid orders, {y}'],
  flagRefunded: ['退款 {n} 次 {y}', '{n} refunds, {y}'],
});
