// Words of the panels that only show what the ledger has noted: looks at personal data, the suppliers' statement.
import { dictionary } from '../shared/i18n';

export const t = dictionary({
  reload: ['刷新', 'Reload'],
  asOf: ['数据截至 {t}（北京时间）', 'As of {t} Beijing time'],

  address: ['查看收件信息', 'saw an address'],
  ship_out: ['下载发货清单', 'took a list for shipping'],
  looksNone: ['还没有人查看过', 'Nobody has looked yet'],
  looksMore: ['更早的记录', 'Earlier ones'],

  supplier: ['供应商', 'Supplier'],
  own: ['平台自营', 'The platform itself'],
  kind: ['订单种类', 'Kind of order'],
  orders: ['订单（单）', 'Orders'],
  units: ['商品数', 'Units'],
  unitsTip: ['没有退回的商品数，按商品自己的单位相加', 'Goods that did not go back, each in its own unit'],
  paid: ['付款额（元）', 'Paid (yuan)'],
  refunded: ['退款额（元）', 'Refunded (yuan)'],
  subsidy: ['补贴（元）', 'Subsidy (yuan)'],
  subsidyTip: ['基金为没有退回的商品支付的部分', 'What funds pay for goods that did not go back'],
  due: ['应付（元）', 'Due (yuan)'],
  dueTip: ['付款额 − 退款额 + 补贴', 'Paid − refunded + subsidy'],
  all: ['合计', 'Total'],
  statementNone: ['还没有付款订单', 'No paid orders yet'],
});
