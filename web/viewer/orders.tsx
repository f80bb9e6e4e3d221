// My orders: their state, how long the hold lasts, pay and cancel.
import { useServerNow } from '../shared/clock';
import { count, countdown, dayAndTime, monthDay, unitName, yuan } from '../shared/format';
import { type Order, OrderState } from '../shared/gen/livefair/v1/order_pb';
import { orderState } from '../shared/order_state';
import { Icon } from '../shared/ui/icons';
import { Sheet, useBusy } from '../shared/ui/parts';
import { AfterSalePart } from './after_sale_part';
import type { Viewer } from './model';
import { t } from './words';

function Actions({ viewer, order }: { viewer: Viewer; order: Order }) {
  const now = useServerNow(viewer.socket.clock);
  const [busy, run] = useBusy();
  const cancel = () => confirm(t('cancelSure')) && run(() => viewer.cancel(order));
  return (
    <>
      <p class="hold"><Icon name="clock" size={16} /><span class="number">{t('payIn', { t: countdown(Number(order.holdUntilMs) - now) })}</span><span class="quiet">{t('paySandbox')}</span></p>
      <div class="row end">
        <button class="button plain small" type="button" data-testid="cancel-order" disabled={busy} onClick={cancel}>{t('cancel')}</button>
        <button class="button small" type="button" data-testid="pay" disabled={busy} onClick={() => run(() => viewer.pay(order))}>{t('pay')}</button>
      </div>
    </>
  );
}

/** When a pre-sale that is still to be sent has to be on its way; 0: nothing was promised. */
function shipsBy({ state, terms }: Order): bigint {
  return state === OrderState.RESERVED || state === OrderState.PAID || state === OrderState.PACKED ? (terms?.shipByMs ?? 0n) : 0n;
}

/** "11月28日" or "11月28日至11月30日": when an order that is still to come was promised; empty: no window was. */
function deliveryDays({ state, terms }: Order): string {
  const isDue = state === OrderState.RESERVED || state === OrderState.PAID || state === OrderState.PACKED || state === OrderState.SHIPPED;
  if (!isDue || !terms || terms.deliverUntilMs === 0n) return '';
  const [first, last] = [monthDay(terms.deliverFromMs), monthDay(terms.deliverUntilMs - 1n)];
  return first === last ? first : t('fromTo', { first, last });
}

export function OrderCard({ viewer, order }: { viewer: Viewer; order: Order }) {
  const { words, look, name } = orderState(order.state);
  return (
    <article class="order" data-testid="order" data-order={order.id}>
      <header class="row"><h3 class="grow one-line">{order.title}</h3><span class={`tag ${look}`} data-testid="order-state" data-state={name}>{words}</span></header>
      <p class="row"><span class="grow quiet">{yuan(order.unitPriceFen)} × {count(order.quantity)}{unitName(order.unit)}</span><strong class="number" data-testid="order-amount" data-fen={String(order.amountFen)}>{yuan(order.amountFen)}</strong></p>
      {order.address && <p class="quiet one-line">{order.address.recipient} {order.address.phone} {order.address.regionName}{order.address.detail}</p>}
      <p class="quiet one-line">{t('orderNo')} {order.id} · {dayAndTime(order.placedMs)}</p>
      {order.refundDueFen > 0n && <p class="notice">{t('refundDue', { y: yuan(order.refundDueFen) })}</p>}
      {order.terms?.withoutGift && <p class="quiet">{t('withoutGift')}</p>}
      {deliveryDays(order) && <p class="quiet">{t('delivers', { days: deliveryDays(order) })}</p>}
      {shipsBy(order) > 0n && <p class="quiet">{t('shipsBy', { day: monthDay(shipsBy(order)) })}</p>}
      {order.trackingNumber && <p class="quiet one-line" data-testid="parcel">{t('parcel')} {order.carrier} {order.trackingNumber}</p>}
      {order.refundedFen > 0n && <p class="notice">{t('refundedPart', { y: yuan(order.refundedFen) })}</p>}
      {order.state === OrderState.RESERVED ? <Actions viewer={viewer} order={order} /> : <AfterSalePart desk={viewer.afterSale} order={order} />}
    </article>
  );
}

export function OrdersSheet({ viewer, onClose }: { viewer: Viewer; onClose: () => void }) {
  const orders = [...viewer.orders.value.values()].sort((a, b) => Number(b.placedMs - a.placedMs));
  return (
    <Sheet title={t('orders')} onClose={onClose} testid="orders-sheet">
      {orders.length === 0 && <div class="empty"><Icon name="orders" /><p>{t('ordersEmpty')}</p></div>}
      <div class="orders">{orders.map((order) => <OrderCard key={order.id} viewer={viewer} order={order} />)}</div>
      <p class="account row"><span class="grow quiet">{viewer.account.value?.nickname} {viewer.account.value?.phoneMasked}</span>
        <button class="link" type="button" data-testid="sign-out" onClick={() => void viewer.signOut()}>{t('signOut')}</button></p>
    </Sheet>
  );
}
