// The HTTP API, typed by the same messages as the socket (protobuf's JSON mapping).
import { create, type DescMessage, fromJson, type JsonValue, type MessageInitShape, type MessageShape, toJson } from '@bufbuild/protobuf';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import * as account from './gen/livefair/v1/account_pb';
import * as catalog from './gen/livefair/v1/catalog_pb';
import * as order from './gen/livefair/v1/order_pb';
import * as room from './gen/livefair/v1/room_pb';
import { DashboardSchema } from './gen/livefair/v1/socket_pb';

/** A refusal; `status` 0 means that the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly messageZh: string,
    readonly messageEn: string,
  ) {
    super(code);
  }
}

const unreachable = () => new ApiError(0, 'unreachable', '连不上服务器，请检查网络后再试', 'The server cannot be reached; check the network and try again');

/** One request as it is; `path` is what follows /api/v1. Throws ApiError when the server is not reached. */
export async function call(method: string, path: string, type: string, body: BodyInit | null): Promise<Response> {
  const headers: Record<string, string> = { 'X-Livefair': '1' }; // a page of another site cannot send it
  if (body !== null) headers['Content-Type'] = type;
  try {
    return await fetch(`/api/v1${path}`, { method, headers, body, credentials: 'same-origin' });
  } catch {
    throw unreachable();
  }
}

async function send(method: string, path: string, body?: JsonValue): Promise<JsonValue> {
  const response = await call(method, path, 'application/json', body === undefined ? null : JSON.stringify(body));
  const text = await response.text();
  if (response.ok) return (text === '' ? {} : JSON.parse(text)) as JsonValue;
  throw refusal(response.status, text);
}

/** What an answer that is not OK says. */
export function refusal(status: number, text: string): ApiError {
  try {
    const body = fromJson(account.ErrorBodySchema, JSON.parse(text) as JsonValue, { ignoreUnknownFields: true });
    return new ApiError(status, body.code, body.messageZh, body.messageEn);
  } catch {
    return new ApiError(status, 'internal', `服务器出错了(${status}),请稍后再试`, `The server failed (${status}); try again later`);
  }
}

export async function get<A extends DescMessage>(path: string, answer: A): Promise<MessageShape<A>> {
  return fromJson(answer, await send('GET', path), { ignoreUnknownFields: true });
}

export async function post<B extends DescMessage, A extends DescMessage>(
  path: string,
  schema: B,
  body: MessageInitShape<B>,
  answer: A,
): Promise<MessageShape<A>> {
  const json = toJson(schema, create(schema, body));
  return fromJson(answer, await send('POST', path, json), { ignoreUnknownFields: true });
}

const id = encodeURIComponent;

export const api = {
  requestCode: (phone: string) => post('/auth/code', account.RequestCodeRequestSchema, { phone }, account.RequestCodeResponseSchema),
  signIn: (body: MessageInitShape<typeof account.SignInRequestSchema>) =>
    post('/auth/sign-in', account.SignInRequestSchema, body, account.SignInResponseSchema),
  staffSignIn: (name: string, password: string) =>
    post('/auth/staff', account.StaffSignInRequestSchema, { name, password }, account.SignInResponseSchema),
  signOut: () => post('/auth/sign-out', EmptySchema, {}, EmptySchema),

  shows: async () => (await get('/shows', catalog.ListShowsResponseSchema)).shows,
  setShowState: (show: string, state: catalog.ShowState) =>
    post(`/shows/${id(show)}/state`, catalog.SetShowStateRequestSchema, { state }, catalog.ShowSchema),
  streamKey: (roomId: string) => post(`/rooms/${id(roomId)}/stream-key`, EmptySchema, {}, catalog.StreamKeyResponseSchema),
  mediaToken: (roomId: string, scope: 'watch' | 'download') => get(`/rooms/${id(roomId)}/media-token?scope=${scope}`, catalog.MediaTokenResponseSchema),
  backupKey: async (roomId: string) => fromJson(catalog.StreamKeyResponseSchema, await send('POST', `/rooms/${id(roomId)}/stream-key`, { backup: true })),
  giveBack: (roomId: string) => post(`/rooms/${id(roomId)}/publisher/give-back`, EmptySchema, {}, EmptySchema),
  pushTargets: async (roomId: string) => (await get(`/rooms/${id(roomId)}/push-targets`, catalog.ListPushTargetsResponseSchema)).targets,
  addPushTarget: (roomId: string, target: MessageInitShape<typeof catalog.PushTargetSchema>) =>
    post(`/rooms/${id(roomId)}/push-targets`, catalog.PushTargetSchema, target, catalog.PushTargetSchema),
  removePushTarget: (roomId: string, target: string) => send('DELETE', `/rooms/${id(roomId)}/push-targets/${id(target)}`),
  totals: (show: string) => get(`/shows/${id(show)}/totals`, order.ShowTotalsSchema),
  questions: async (show: string) => (await get(`/shows/${id(show)}/questions`, room.ListQuestionsResponseSchema)).questions,
  curve: (show: string) => get(`/shows/${id(show)}/curve`, order.ShowCurveSchema),
  dashboard: () => get('/dashboard', DashboardSchema),

  addresses: async () => (await get('/addresses', order.ListAddressesResponseSchema)).addresses,
  saveAddress: (address: MessageInitShape<typeof order.AddressSchema>) => post('/addresses', order.AddressSchema, address, order.AddressSchema),
  orders: async () => (await get('/orders', order.ListOrdersResponseSchema)).orders,
  ownHistory: async (orderId: string) => (await get(`/orders/${id(orderId)}/history`, order.OwnOrderHistorySchema)).events,
  cancelOrder: (orderId: string) => post(`/orders/${id(orderId)}/cancel`, EmptySchema, {}, order.CancelOrderResponseSchema),
  receiveOrder: (orderId: string) => post(`/orders/${id(orderId)}/received`, EmptySchema, {}, order.OrderSchema),
  refunds: async (orderId: string) => (await get(`/orders/${id(orderId)}/refunds`, order.ListRefundsResponseSchema)).refunds,
  askForRefund: (orderId: string, body: MessageInitShape<typeof order.RefundRequestSchema>) =>
    post(`/orders/${id(orderId)}/refunds`, order.RefundRequestSchema, body, order.RefundSchema),
  pay: (orderId: string) => post(`/orders/${id(orderId)}/payment`, EmptySchema, {}, order.CreatePaymentResponseSchema),
};
