// The part of an order's card that tells how far it is, lists its refunds and lets the buyer ask for one.
import { useEffect, useState } from 'preact/hooks';
import { count, dayAndTime, yuan } from '../shared/format';
import { type Order, OrderState, type Refund, RefundState } from '../shared/gen/livefair/v1/order_pb';
import { toast, toastError, useBusy } from '../shared/ui/parts';
import { type AfterSale, mayAskForRefund, quantityLeft, refundFen, type StoryStep } from './after_sale';
import { t } from './words';

const REFUND_WORDS = {
  [RefundState.UNSPECIFIED]: 'refundAsked',
  [RefundState.ASKED]: 'refundAsked',
  [RefundState.ACCEPTED]: 'refundAccepted',
  [RefundState.DONE]: 'refundDone',
  [RefundState.DECLINED]: 'refundDeclined',
  [RefundState.FAILED]: 'refundFailed',
} as const;

interface PartProps {
  desk: AfterSale;
  order: Order;
}

function Story({ steps }: { steps: readonly StoryStep[] }) {
  return (
    <ol class="story" aria-label={t('story')} data-testid="order-story">
      {steps.map(({ key, atMs, parcel, amountFen }, i) => (
        <li key={i} data-step={key}>
          <span>{t(key)}{parcel && <span class="number"> · {parcel}</span>}{amountFen > 0n && <b class="number"> {yuan(amountFen)}</b>}</span>
          <time class="number quiet">{dayAndTime(atMs)}</time>
        </li>
      ))}
    </ol>
  );
}

function Refunds({ refunds }: { refunds: readonly Refund[] }) {
  if (refunds.length === 0) return null;
  return (
    <ul class="story" aria-label={t('refunds')} data-testid="own-refunds">
      {refunds.map((refund) => (
        <li key={refund.id} data-state={RefundState[refund.state]}>
          <span>{t('refunds')} <b class="number">{yuan(refund.amountFen)}</b> · {t(REFUND_WORDS[refund.state] ?? 'refundAsked')}{refund.decidedWhy && ` · ${refund.decidedWhy}`}</span>
          <span class="number quiet">{dayAndTime(refund.settledMs || refund.decidedMs || refund.askedMs)}</span>
        </li>
      ))}
    </ul>
  );
}

function RefundForm({ desk, order, refunds, onDone }: PartProps & { refunds: readonly Refund[]; onDone: () => void }) {
  const most = quantityLeft(order, refunds);
  const [quantity, setQuantity] = useState(most);
  const [why, setWhy] = useState('');
  const [busy, run] = useBusy();
  const send = (event: Event) => {
    event.preventDefault();
    run(async () => {
      await desk.ask(order, quantity, why.trim());
      toast(t('refundSent'));
      onDone();
    });
  };
  const quantities = Array.from({ length: Number(most) }, (_, i) => most - BigInt(i));
  return (
    <form class="form" onSubmit={send} aria-busy={busy} data-testid="refund-form">
      {most > 1n && (
        <label class="field"><span>{t('refundQuantity')}</span>
          <select class="input" data-testid="refund-quantity" value={String(quantity)} onChange={(event) => setQuantity(BigInt(event.currentTarget.value))}>
            {quantities.map((n) => <option key={String(n)} value={String(n)}>{n === most ? t('refundAll', { n: count(n) }) : count(n)}</option>)}
          </select>
        </label>
      )}
      <label class="field"><span>{t('refundWhy')}</span><input class="input" data-testid="refund-why" required maxLength={200} placeholder={t('refundWhyHint')} value={why} onInput={(event) => setWhy(event.currentTarget.value)} /></label>
      <button class="button wide" type="submit" data-testid="refund-send" disabled={busy}>{t('refundSend', { y: yuan(refundFen(order, refunds, quantity)) })}</button>
    </form>
  );
}

export function AfterSalePart({ desk, order }: PartProps) {
  const [isOpen, setOpen] = useState(false);
  const [asks, setAsks] = useState(false);
  const [busy, run] = useBusy();
  useEffect(() => {
    if (isOpen) desk.load(order.id).catch(toastError);
  }, [isOpen, order]);
  const refunds = desk.refunds.value.get(order.id);
  const steps = desk.stories.value.get(order.id);
  const receive = () => confirm(t('receivedSure')) && run(() => desk.receive(order));
  return (
    <div class="after-sale">
      {order.state === OrderState.SHIPPED && <button class="button leaf small" type="button" data-testid="order-received" disabled={busy} onClick={receive}>{t('received')}</button>}
      <button class="link" type="button" data-testid="after-sale" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{t('afterSale')}</button>
      {isOpen && (steps ? <Story steps={steps} /> : <span class="spinner" />)}
      {isOpen && refunds && <Refunds refunds={refunds} />}
      {isOpen && refunds && mayAskForRefund(order, refunds) && (asks
        ? <RefundForm desk={desk} order={order} refunds={refunds} onDone={() => setAsks(false)} />
        : <button class="link" type="button" data-testid="refund-ask" onClick={() => setAsks(true)}>{t('refundAsk')}</button>)}
    </div>
  );
}
