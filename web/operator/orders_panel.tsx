// Orders of a show and what staff does with them, the refunds that wait for a second person, the lists for shipping.
import { useEffect, useState } from 'preact/hooks';
import { count, dayAndTime, yuan } from '../shared/format';
import { type Order, OrderState, type Refund } from '../shared/gen/livefair/v1/order_pb';
import type { Supplier } from '../shared/gen/livefair/v1/supply_pb';
import { orderState } from '../shared/order_state';
import { Sheet, toast } from '../shared/ui/parts';
import { ActionForm } from './action_form';
import { staffApi } from './api';
import type { Wall } from './model';
import { OrderDetails } from './order_details';
import { t } from './order_words';
import { headline, OrdersDesk } from './orders';
import { saveAs } from './save_as';
import { ShowSelect, usePickedShow } from './show_select';
import './desk.css';

const STATES = [
  OrderState.RESERVED, OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED, OrderState.DONE,
  OrderState.REFUNDING, OrderState.REFUNDED, OrderState.EXPIRED, OrderState.CANCELLED, OrderState.REFUSED,
];

function StateTag({ order }: { order: Order }) {
  const { words, look, name } = orderState(order.state);
  return <span class={`tag ${look}`} data-testid="order-state" data-state={name}>{words}</span>;
}

function Decision({ desk, refund, agree, onClose }: { desk: OrdersDesk; refund: Refund; agree: boolean; onClose: () => void }) {
  const words = t(agree ? 'agree' : 'decline');
  const decide = async ({ why }: { why: string }) => {
    await desk.decide(refund, agree, why);
    toast(t('confirmed', { what: words }));
    onClose();
  };
  return (
    <Sheet title={words} onClose={onClose} testid="decision-sheet">
      <ActionForm testid="decision" submit={words} {...(agree ? { note: t('agreeHint', { y: yuan(refund.amountFen) }) } : {})}
        fields={[{ key: 'why', name: t(agree ? 'note' : 'why'), required: !agree }]} onSubmit={decide} />
    </Sheet>
  );
}

function RefundText({ refund }: { refund: Refund }) {
  return (
    <div class="grow"><b class="number">{yuan(refund.amountFen)}</b> · {refund.quantity > 0n ? t('ofGoods', { n: count(refund.quantity) }) : t('moneyAlone')}{refund.why && ` · ${refund.why}`}
      <small class="number quiet">{refund.orderId} · {t('askedAt', { t: dayAndTime(refund.askedMs) })}{refund.reference && ` · ${refund.reference}`}</small></div>
  );
}

function Resolution({ desk, refund, isOutside, onClose }: { desk: OrdersDesk; refund: Refund; isOutside: boolean; onClose: () => void }) {
  const words = t(isOutside ? 'outside' : 'again');
  const resolve = async ({ why, reference = '' }: { why: string; reference?: string }) => {
    await desk.resolveFailed(refund, why, reference);
    toast(t('confirmed', { what: words }));
    onClose();
  };
  return (
    <Sheet title={words} onClose={onClose} testid="resolution-sheet">
      <ActionForm testid="resolution" submit={words} note={t(isOutside ? 'outsideHint' : 'againHint', { y: yuan(refund.amountFen) })} onSubmit={resolve}
        fields={[...(isOutside ? [{ key: 'reference' as const, name: t('outsideReference'), required: true, max: 60 }] : []), { key: 'why' as const, name: t('why'), required: isOutside }]} />
    </Sheet>
  );
}

function Failed({ desk }: { desk: OrdersDesk }) {
  const [open, setOpen] = useState<{ refund: Refund; isOutside: boolean }>();
  const refunds = desk.failed.value;
  if (refunds.length === 0) return null;
  return (
    <section class="desk-part" aria-label={t('failed')}>
      <h3>{t('failed')} <span class="number quiet">{refunds.length}</span></h3>
      <ul class="desk-list">
        {refunds.map((refund) => (
          <li key={refund.id} class="desk-row" data-testid={`failed-${refund.id}`} data-fen={String(refund.amountFen)}>
            <RefundText refund={refund} />
            <span class="desk-buttons"><button class="button leaf small" type="button" data-testid={`again-${refund.id}`} onClick={() => setOpen({ refund, isOutside: false })}>{t('again')}</button>
              <button class="button plain small" type="button" data-testid={`outside-${refund.id}`} onClick={() => setOpen({ refund, isOutside: true })}>{t('outside')}</button></span>
          </li>
        ))}
      </ul>
      {open && <Resolution desk={desk} {...open} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function Waiting({ desk, me }: { desk: OrdersDesk; me: string }) {
  const [open, setOpen] = useState<{ refund: Refund; agree: boolean }>();
  const refunds = desk.waiting.value;
  return (
    <section class="desk-part" aria-label={t('waiting')}>
      <h3>{t('waiting')} <span class="number quiet">{refunds.length}</span></h3>
      {refunds.length === 0 && <p class="quiet">{t('waitingNone')}</p>}
      <ul class="desk-list">
        {refunds.map((refund) => (
          <li key={refund.id} class="desk-row" data-testid={`refund-${refund.id}`} data-fen={String(refund.amountFen)}>
            <RefundText refund={refund} />
            {refund.askedBy === me
              ? <span class="quiet">{t('own')}</span>
              : <span class="desk-buttons"><button class="button leaf small" type="button" data-testid={`agree-${refund.id}`} onClick={() => setOpen({ refund, agree: true })}>{t('agree')}</button>
                <button class="button plain small" type="button" data-testid={`decline-${refund.id}`} onClick={() => setOpen({ refund, agree: false })}>{t('decline')}</button></span>}
          </li>
        ))}
      </ul>
      {open && <Decision desk={desk} {...open} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function ShipOut({ show }: { show: string }) {
  const [isOpen, setOpen] = useState(false);
  const [suppliers, setSuppliers] = useState<readonly Supplier[]>();
  useEffect(() => {
    if (isOpen && !suppliers) void staffApi.suppliers().then(setSuppliers, () => setSuppliers([])); // all of them in one list is left
  }, [isOpen]);
  const download = async ({ supplier, why }: { supplier: string; why: string }) => {
    saveAs(`ship-out-${supplier || 'all'}.csv`, await staffApi.shipOutList(show, supplier, why));
    toast(t('looked'));
    setOpen(false);
  };
  return (
    <>
      <button class="ghost" type="button" data-testid="ship-out" onClick={() => setOpen(true)}>{t('shipOut')}</button>
      {isOpen && (
        <Sheet title={t('shipOut')} onClose={() => setOpen(false)} testid="ship-out-sheet">
          {suppliers
            ? <ActionForm testid="ship-out" submit={t('download')} note={t('shipOutHint')} onSubmit={download} fields={[
              { key: 'supplier', name: t('supplier'), options: [['', t('allSuppliers')], ...suppliers.map(({ organisationId, organisationName }) => [organisationId, organisationName] as const)] },
              { key: 'why', name: t('why'), required: true },
            ]} />
            : <span class="spinner" />}
        </Sheet>
      )}
    </>
  );
}

export function OrdersPanel({ wall }: { wall: Wall }) {
  const [desk] = useState(() => new OrdersDesk(staffApi));
  const [text, setText] = useState('');
  const picked = usePickedShow(wall);
  const show = picked.show;
  useEffect(() => {
    if (show) void desk.list(show.id, desk.state.peek(), text);
  }, [show?.id]);
  if (!show) return <p class="empty">{t('noShow')}</p>;
  const find = (event: Event) => {
    event.preventDefault();
    void desk.list(show.id, desk.state.peek(), text);
  };
  const orders = desk.orders.value;
  return (
    <div class="desk" aria-busy={desk.busy.value}>
      <form class="desk-bar" onSubmit={find}>
        <ShowSelect of={picked} testid="orders-show" />
        <select aria-label={t('state')} data-testid="orders-state" value={desk.state.value} onChange={(event) => void desk.list(show.id, Number(event.currentTarget.value), text)}>
          <option value={OrderState.UNSPECIFIED}>{t('allStates')}</option>
          {STATES.map((state) => <option key={state} value={state}>{orderState(state).words}</option>)}
        </select>
        <input class="grow" type="search" data-testid="orders-text" aria-label={t('text')} placeholder={t('text')} aria-describedby="orders-text-hint" maxLength={64} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button class="ghost" type="submit" data-testid="orders-find" disabled={desk.busy.value}>{text ? t('find') : t('reload')}</button>
        <ShipOut show={show.id} />
      </form>
      <p class="quiet" id="orders-text-hint">{t('textHint')}</p>
      {desk.problem.value && <p class="lost" role="alert" data-testid="orders-problem">{desk.problem.value}</p>}
      <Waiting desk={desk} me={wall.socket.account.value?.id ?? ''} />
      <Failed desk={desk} />
      {!orders ? desk.problem.value === '' && <p><span class="spinner" /></p> : orders.length === 0 && <div class="empty"><p>{t('empty')}</p></div>}
      <ul class="desk-list" data-testid="orders-list">
        {orders?.map((order) => (
          <li key={order.id} data-testid={`order-${order.id}`}>
            <button class="desk-row" type="button" data-testid="order-open" aria-expanded={desk.opened.value === order.id} onClick={() => void desk.open(order.id)}>
              <span class="grow"><b>{headline(order)}</b><small class="number quiet">{order.id} · {dayAndTime(order.placedMs)}{order.address?.regionName && ` · ${order.address.regionName}`}</small></span>
              <span class="row-end"><b class="number">{yuan(order.amountFen)}</b><StateTag order={order} /></span>
            </button>
            {desk.opened.value === order.id && <OrderDetails desk={desk} order={order} show={show} />}
          </li>
        ))}
      </ul>
      {desk.hasMore.value && <button class="ghost" type="button" data-testid="orders-more" disabled={desk.busy.value} onClick={() => void desk.more()}>{t('more')}</button>}
    </div>
  );
}
