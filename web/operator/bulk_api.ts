// What the operator's page asks about orders that the ledger takes itself: of organisations, at stalls, gifts.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import { call, get, post, refusal } from '../shared/api';
import * as bulk from '../shared/gen/livefair/v1/bulk_pb';
import * as catalog from '../shared/gen/livefair/v1/catalog_pb';
import * as order from '../shared/gen/livefair/v1/order_pb';

const id = encodeURIComponent;
const ofShow = (show: string, rest: string) => `/shows/${id(show)}/${rest}`;
const ofOrder = (show: string, orderId: string, rest: string) => ofShow(show, `orders/${id(orderId)}/${rest}`);

async function certificate(show: string, orderId: string): Promise<Blob> {
  const response = await call('GET', ofOrder(show, orderId, 'certificate'), 'text/plain', null);
  if (!response.ok) throw refusal(response.status, await response.text());
  return response.blob();
}

export const bulkApi = {
  offers: async (show: string) => (await get(`/shows/${id(show)}`, catalog.ShowSchema)).offers,
  organisations: async () => (await get('/organisations', catalog.ListOrganisationsResponseSchema)).organisations,
  products: async () => (await get('/products', catalog.ListProductsResponseSchema)).products,

  quotes: async (show: string) => (await get(ofShow(show, 'quotes'), bulk.ListQuotesResponseSchema)).quotes,
  makeQuote: (show: string, quote: MessageInitShape<typeof bulk.QuoteSchema>) => post(ofShow(show, 'quotes'), bulk.QuoteSchema, quote, bulk.QuoteSchema),
  withdrawQuote: (show: string, quote: string) => post(ofShow(show, `quotes/${id(quote)}/withdraw`), EmptySchema, {}, EmptySchema),
  orderByQuote: (show: string, quote: string, body: MessageInitShape<typeof bulk.QuoteOrderSchema>) =>
    post(ofShow(show, `quotes/${id(quote)}/order`), bulk.QuoteOrderSchema, body, order.OrderSchema),

  intents: async (show: string) => (await get(ofShow(show, 'intents'), bulk.ListIntentsResponseSchema)).intents,
  makeIntent: (show: string, intent: MessageInitShape<typeof bulk.PurchaseIntentSchema>) => post(ofShow(show, 'intents'), bulk.PurchaseIntentSchema, intent, bulk.PurchaseIntentSchema),
  withdrawIntent: (show: string, intent: string) => post(ofShow(show, `intents/${id(intent)}/withdraw`), EmptySchema, {}, EmptySchema),

  agreements: async () => (await get('/agreements', bulk.ListAgreementsResponseSchema)).agreements,
  makeAgreement: (agreement: MessageInitShape<typeof bulk.SupplyAgreementSchema>) => post('/agreements', bulk.SupplyAgreementSchema, agreement, bulk.SupplyAgreementSchema),
  signAgreement: (agreement: string) => post(`/agreements/${id(agreement)}/sign`, EmptySchema, {}, EmptySchema),
  endAgreement: (agreement: string) => post(`/agreements/${id(agreement)}/end`, EmptySchema, {}, EmptySchema),

  giveAway: (show: string, gift: MessageInitShape<typeof bulk.GiftOrderSchema>) => post(ofShow(show, 'gift-orders'), bulk.GiftOrderSchema, gift, order.OrderSchema),
  enterStallOrder: (show: string, body: MessageInitShape<typeof bulk.StallOrderSchema>) => post(ofShow(show, 'stall-orders'), bulk.StallOrderSchema, body, order.OrderSchema),

  notePaid: (show: string, orderId: string, reference: string) => post(ofOrder(show, orderId, 'paid'), bulk.PaidRequestSchema, { reference }, order.OrderSchema),
  release: (show: string, orderId: string, why: string) => post(ofOrder(show, orderId, 'release'), order.RefundDecisionSchema, { why }, order.OrderSchema),
  certificate,
  consignees: async (show: string, orderId: string) => (await get(ofOrder(show, orderId, 'consignees'), bulk.ListConsigneesResponseSchema)).consignees,
  /** The answers are not read: the list is asked for anew. */
  shipConsignee: (show: string, orderId: string, position: number, body: MessageInitShape<typeof order.StepRequestSchema>) =>
    post(ofOrder(show, orderId, `consignees/${position}/ship`), order.StepRequestSchema, body, EmptySchema),
  consigneeReceived: (show: string, orderId: string, position: number, why: string) =>
    post(ofOrder(show, orderId, `consignees/${position}/received`), order.StepRequestSchema, { why }, EmptySchema),
};
