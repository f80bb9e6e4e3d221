// The host's console: the signal on the left, the shelf in the middle, the chat on the right, the figures above.
import { useEffect } from 'preact/hooks';
import { count, price, shortNumber, timeOfDay, yuan } from '../shared/format';
import { ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { Icon } from '../shared/ui/icons';
import { Brand, LangSwitch, Toasts, useBusy } from '../shared/ui/parts';
import { StaffGate } from '../shared/ui/staff_gate';
import { ChatDesk } from './chat_desk';
import { GoLive } from './go_live';
import type { HostDesk } from './model';
import { RunOfShow } from './run_of_show';
import { ShelfDesk } from './shelf_desk';
import { QuestionDesk } from './questions';
import { t } from './words';

function ShowSwitch({ desk }: { desk: HostDesk }) {
  const [busy, run] = useBusy();
  const state = desk.room.state.value!.show.state;
  if (!desk.mayHost.value) return null;
  if (state === ShowState.PLANNED) {
    return <button class="button small" type="button" data-testid="start-show" title={t('startHint')} disabled={busy} onClick={() => run(() => desk.setShowState(ShowState.LIVE))}>{t('startShow')}</button>;
  }
  if (state !== ShowState.LIVE) return null;
  return <button class="button plain small" type="button" data-testid="end-show" disabled={busy} onClick={() => confirm(t('endSure')) && run(() => desk.setShowState(ShowState.ENDED))}>{t('endShow')}</button>;
}

function StateTag({ state }: { state: ShowState }) {
  if (state === ShowState.LIVE) return <span class="tag red" data-testid="show-state" data-state="live"><i class="live-dot" />{t('live')}</span>;
  return state === ShowState.ENDED
    ? <span class="tag" data-testid="show-state" data-state="ended">{t('ended')}</span>
    : <span class="tag gold" data-testid="show-state" data-state="planned">{t('planned')}</span>;
}

function Header({ desk }: { desk: HostDesk }) {
  const show = desk.room.state.value!.show;
  return (
    <header class="top">
      <Brand />
      <div class="top-show"><h1 class="one-line">{show.title}</h1><p class="one-line quiet">{show.organisationName}</p></div>
      <StateTag state={show.state} />
      <ShowSwitch desk={desk} />
      <a class="link" href={`/watch/${encodeURIComponent(desk.roomId)}`} target="_blank" rel="noreferrer">{t('watch')}</a>
      <button class="link" type="button" data-testid="sign-out" onClick={() => void desk.signOut()}>{desk.socket.account.value?.nickname} · {t('signOut')}</button>
      <LangSwitch />
    </header>
  );
}

interface FigureProps {
  name: string;
  tip: string;
  value: string;
  testid: string;
  fen?: bigint | undefined;
  note?: string;
}

function Figure({ name, tip, value, testid, fen, note }: FigureProps) {
  return (
    <div class="figure" title={tip}>
      <dt>{name}</dt>
      <dd class="number" data-testid={testid} data-fen={fen === undefined ? undefined : String(fen)}>{value}</dd>
      {note && <p class="quiet number">{note}</p>}
    </div>
  );
}

function Figures({ desk }: { desk: HostDesk }) {
  const state = desk.room.state.value!;
  const totals = desk.totals.value;
  const sum = totals?.show;
  const playersMs = state.counts?.playersAsOfMs ?? 0n;
  const asOfPlayers = playersMs > 0n ? t('countedAsOf', { t: timeOfDay(playersMs, true) }) : '';
  const asOf = totals ? t('asOf', { t: timeOfDay(totals.asOfMs, true) }) : '';
  return (
    <dl class="figures">
      <Figure name={t('viewers')} tip={t('viewersTip')} testid="viewer-count" value={shortNumber(Number(state.counts?.viewers ?? 0n))} />
      <Figure name={t('views')} tip={t('viewsTip')} testid="views" value={count(state.counts?.views ?? 0n)} note={t('people', { n: count(state.counts?.people ?? 0n) })} />
      <Figure name={t('players')} tip={t('playersTip')} testid="players" value={count(state.counts?.players ?? 0n)} note={asOfPlayers} />
      <Figure name={t('paid')} tip={t('paidTip')} testid="host-paid" fen={sum?.paidFen} value={yuan(sum?.paidFen ?? 0n)} note={asOf} />
      <Figure name={t('ordersPaid')} tip={t('ordersPaidTip')} testid="host-orders" value={count(sum?.ordersPaid ?? 0n)} />
      <Figure name={t('reserved')} tip={t('reservedTip')} testid="host-reserved" value={price(sum?.reservedFen ?? 0n)} note={t('orders', { n: count(sum?.ordersReserved ?? 0n) })} />
      <Figure name={t('likes')} tip={t('likesTip')} testid="like-count" value={shortNumber(Number(state.counts?.likes ?? 0n))} />
    </dl>
  );
}

function Waiting({ words }: { words?: string }) {
  return <main class="waiting">{words ? <div class="empty"><Icon name="live" /><p>{words}</p></div> : <span class="spinner" />}</main>;
}

export function App({ desk }: { desk: HostDesk }) {
  useEffect(() => {
    document.title = t('title');
  });
  if (!desk.greeted.value) return <Waiting />;
  if (!desk.mayIn.value) {
    const refused = desk.socket.account.value?.id ? { refused: t('notYours') } : {};
    return <><StaffGate title={t('title')} hint={t('gateHint')} prefix="host" {...refused} onSignedIn={() => desk.signedIn()} /><Toasts /></>;
  }
  // Only now: a private room is not there for whoever has not signed in.
  if (desk.room.failure.value?.code === 'not_found') return <Waiting words={t('missing')} />;
  if (!desk.room.state.value) return <Waiting />;
  return (
    <div class="host">
      <Header desk={desk} />
      {desk.socket.state.value !== 'open' && <div class="notice" role="status">{t('reconnecting')}</div>}
      <Figures desk={desk} />
      <div class="columns">
        <GoLive desk={desk} />
        <div class="middle"><RunOfShow desk={desk} /><ShelfDesk desk={desk} /><QuestionDesk desk={desk} /></div>
        <ChatDesk desk={desk} />
      </div>
      <Toasts />
    </div>
  );
}
