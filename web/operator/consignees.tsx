// Where the parts of an order of an organisation, or of a gift, go and how far they are.
import { useEffect, useState } from 'preact/hooks';
import { count, dayAndTime } from '../shared/format';
import { type Consignee, ConsigneeState } from '../shared/gen/livefair/v1/bulk_pb';
import { type Order, OrderState } from '../shared/gen/livefair/v1/order_pb';
import { explain, Sheet, toast } from '../shared/ui/parts';
import { ActionForm } from './action_form';
import { bulkApi } from './bulk_api';
import { t } from './order_words';

const LOOKS = {
  [ConsigneeState.UNSPECIFIED]: ['waitingPart', 'gold'],
  [ConsigneeState.WAITING]: ['waitingPart', 'gold'],
  [ConsigneeState.SHIPPED]: ['shippedPart', 'leaf'],
  [ConsigneeState.RECEIVED]: ['receivedPart', 'leaf'],
} as const;

/** Paid, or given away, and not taken back. */
const MOVING = [OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED, OrderState.DONE];

interface PartProps {
  order: Order;
  part: Consignee;
  onDone: () => void;
}

function PartSheet({ order, part, onDone }: PartProps) {
  const ships = part.state !== ConsigneeState.SHIPPED;
  const words = t(ships ? 'ship' : 'received');
  const note = `${part.unitName} · ${count(part.count)}`;
  const done = () => {
    toast(t('confirmed', { what: words }));
    onDone();
  };
  return (
    <Sheet title={words} onClose={onDone} testid="part-sheet">
      {ships
        ? <ActionForm testid="part" submit={words} note={note} onSubmit={(values) => bulkApi.shipConsignee(order.showId, order.id, part.position, values).then(done)} fields={[
          { key: 'carrier', name: t('carrier'), required: true, max: 30 },
          { key: 'trackingNumber', name: t('trackingNumber'), hint: t('trackingHint'), required: true, max: 40 },
        ]} />
        : <ActionForm testid="part" submit={words} note={note} onSubmit={({ why }) => bulkApi.consigneeReceived(order.showId, order.id, part.position, why).then(done)} fields={[{ key: 'why', name: t('note') }]} />}
    </Sheet>
  );
}

export function Consignees({ order }: { order: Order }) {
  const [parts, setParts] = useState<readonly Consignee[]>();
  const [problem, setProblem] = useState('');
  const [open, setOpen] = useState<Consignee>();
  const load = () => void bulkApi.consignees(order.showId, order.id).then(setParts, (error: unknown) => setProblem(explain(error)));
  useEffect(load, [order.id, order.state]);
  const moves = MOVING.includes(order.state);
  const close = () => {
    setOpen(undefined);
    load();
  };
  return (
    <section class="desk-part" aria-label={t('consignees')}>
      <h3>{t('consignees')} <span class="number quiet">{parts?.length ?? ''}</span></h3>
      {problem && <p class="lost" role="alert">{problem}</p>}
      {!parts && !problem && <span class="spinner" />}
      <ol class="desk-list" data-testid="consignees">
        {parts?.map((part) => {
          const [words, look] = LOOKS[part.state] ?? LOOKS[ConsigneeState.UNSPECIFIED];
          return (
            <li key={part.position} class="desk-row" data-testid={`consignee-${part.position}`} data-state={ConsigneeState[part.state]}>
              <div class="grow">{part.position}. <b>{part.unitName}</b> × {count(part.count)} · {part.recipient} <span class="number">{part.phone}</span>
                <small class="quiet">{part.regionName}{part.detail}{part.trackingNumber && ` · ${part.carrier} ${part.trackingNumber}`}{part.receivedMs > 0n && ` · ${dayAndTime(part.receivedMs)}`}</small></div>
              <span class="row-end"><span class={`tag ${look}`}>{t(words)}</span>
                {moves && part.state !== ConsigneeState.RECEIVED && <button class="button leaf small" type="button" data-testid={`consignee-act-${part.position}`} onClick={() => setOpen(part)}>{t(part.state === ConsigneeState.SHIPPED ? 'received' : 'ship')}</button>}</span>
            </li>
          );
        })}
      </ol>
      {open && <PartSheet order={order} part={open} onDone={close} />}
    </section>
  );
}
