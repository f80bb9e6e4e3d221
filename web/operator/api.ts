// What only the operator's page asks, so that the other pages do not load its messages.
import { fromJson, type JsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import { call, get, post, refusal } from '../shared/api';
import * as order from '../shared/gen/livefair/v1/order_pb';
import * as payment from '../shared/gen/livefair/v1/payment_pb';
import * as supply from '../shared/gen/livefair/v1/supply_pb';
import * as totals from '../shared/gen/livefair/v1/totals_pb';

const id = encodeURIComponent;
const ofShow = (show: string, rest: string) => `/shows/${id(show)}/${rest}`;
/** Without what is empty. */
const query = (values: Record<string, string | number | bigint>) => {
  const given = Object.entries(values).filter(([, value]) => value !== '');
  return given.length > 0 ? `?${given.map(([key, value]) => `${key}=${id(String(value))}`).join('&')}` : '';
};

/** Sends a table of products as it is; a report also when rows are refused. */
async function importProducts(file: Blob): Promise<supply.ImportReport> {
  const response = await call('POST', '/products/import', 'application/octet-stream', file);
  const text = await response.text();
  if (!response.ok && response.status !== 422) throw refusal(response.status, text);
  return fromJson(supply.ImportReportSchema, JSON.parse(text) as JsonValue, { ignoreUnknownFields: true });
}

/** The list of what is to be shipped, as CSV: names and addresses in full, so the look is recorded with its reason. */
async function shipOutList(show: string, supplier: string, why: string): Promise<Blob> {
  const response = await call('POST', ofShow(show, `ship-out${query({ supplier })}`), 'application/json', JSON.stringify({ why }));
  if (!response.ok) throw refusal(response.status, await response.text());
  return response.blob();
}

export type Step = 'pack' | 'ship' | 'done';

export const staffApi = {
  salesTotals: (show: string, dimension: string, asOfMs: bigint) =>
    get(ofShow(show, `totals/${id(dimension)}${query({ as_of_ms: asOfMs || '' })}`), totals.SalesTotalsSchema),
  /** An empty key is one, too: that of what belongs to none. */
  salesOrders: (show: string, dimension: string, key: string, asOfMs: bigint, after: string) =>
    get(`${ofShow(show, `totals/${id(dimension)}/orders`)}?key=${id(key)}&as_of_ms=${asOfMs}${after && `&after=${id(after)}`}`, totals.ListSalesOrdersResponseSchema),
  /** `fromMs` 0: since ever; `asOfMs` 0: now; `show` '': of all shows. */
  league: (fromMs: bigint, asOfMs: bigint, show: string) => get(`/league${query({ from_ms: fromMs, as_of_ms: asOfMs || '', show })}`, totals.LeagueSchema),
  salesFlags: async (show: string, asOfMs: bigint) => (await get(ofShow(show, `flags${query({ as_of_ms: asOfMs })}`), totals.ListSalesFlagsResponseSchema)).flags,
  reconciliations: async () => (await get('/reconciliations', totals.ListReconciliationsResponseSchema)).reconciliations,
  importProducts,
  exportUrl: (format: 'csv' | 'xlsx') => `/api/v1/products/export?format=${format}`,
  suppliers: async () => (await get('/suppliers', supply.ListSuppliersResponseSchema)).suppliers,

  ordersOfShow: async (show: string, state: order.OrderState, text: string, after: string, count: number) =>
    (await get(ofShow(show, `orders${query({ state, text, after, count })}`), order.ListOrdersResponseSchema)).orders,
  orderHistory: async (show: string, orderId: string) => (await get(ofShow(show, `orders/${id(orderId)}/history`), order.OrderHistorySchema)).events,
  lookAtAddress: (show: string, orderId: string, why: string) => post(ofShow(show, `orders/${id(orderId)}/address`), order.LookRequestSchema, { why }, order.AddressSchema),
  takeStep: (show: string, orderId: string, step: Step, body: MessageInitShape<typeof order.StepRequestSchema>) =>
    post(ofShow(show, `orders/${id(orderId)}/${step}`), order.StepRequestSchema, body, order.OrderSchema),
  refund: (show: string, orderId: string, body: MessageInitShape<typeof order.RefundRequestSchema>) =>
    post(ofShow(show, `orders/${id(orderId)}/refunds`), order.RefundRequestSchema, body, order.RefundSchema),
  refundsOfShow: async (show: string, state: order.RefundState) => (await get(ofShow(show, `refunds${query({ state })}`), order.ListRefundsResponseSchema)).refunds,
  decideRefund: (show: string, refundId: string, agree: boolean, why: string) =>
    post(ofShow(show, `refunds/${id(refundId)}/${agree ? 'agree' : 'decline'}`), order.RefundDecisionSchema, { why }, order.RefundSchema),
  resolveFailed: (show: string, refundId: string, why: string, reference: string) =>
    reference === ''
      ? post(ofShow(show, `refunds/${id(refundId)}/again`), order.RefundDecisionSchema, { why }, order.RefundSchema)
      : post(ofShow(show, `refunds/${id(refundId)}/outside`), order.RefundOutsideSchema, { why, reference }, order.RefundSchema),
  shipOutList,
  /** The newest first; `before` 0: from the newest on. */
  personalLooks: async (before: bigint, count: number) => (await get(`/personal-looks${query({ before, count })}`, order.ListPersonalLooksResponseSchema)).looks,
  statement: (show: string) => get(ofShow(show, 'statement'), payment.SupplierStatementSchema),
};
