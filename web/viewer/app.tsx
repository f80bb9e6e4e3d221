// The viewer's page: on a phone the room fills the screen; on a desk the picture, the shelf below it and the chat beside it.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { shortNumber } from '../shared/format';
import { Icon } from '../shared/ui/icons';
import { explain, Brand, LangSwitch, Sheet, Toasts } from '../shared/ui/parts';
import { BuySheet } from './buy';
import { Chat } from './chat';
import { LikeButton } from './likes';
import type { Viewer } from './model';
import { OrdersSheet } from './orders';
import { FlashStrip, PinnedCard } from './pinned';
import { Chapters, ReplayCard } from './replay';
import { SellersSheet } from './sellers';
import { Shelf } from './shelf';
import { SignInSheet } from './sign_in';
import { Stage } from './stage';
import { Answers, QuestionsSheet, QuestionStrip } from './questions';
import { t } from './words';

const desk = matchMedia('(min-width: 1000px)');
const isDesk = signal(desk.matches);
desk.addEventListener('change', () => (isDesk.value = desk.matches));

function Header({ viewer }: { viewer: Viewer }) {
  const state = viewer.room.state.value;
  const segment = viewer.room.segment.value;
  const viewers = Number(state?.counts?.viewers ?? 0n);
  return (
    <header class="bar">
      <div class="bar-brand"><Brand /></div>
      <div class="bar-show">
        <h1 class="one-line">{state?.show.title ?? t('joining')}</h1>
        <p class="one-line">
          {segment ? `${segment.regionName} · ${segment.hostName} ${segment.hostTitle}` : (state?.show.organisationName ?? '')}
        </p>
      </div>
      {state && (
        <span class="pill" title={t('viewersHint')}>
          <Icon name="people" size={16} />
          <span class="number" data-testid="viewer-count" data-count={viewers} aria-label={t('viewers', { n: viewers })}>{shortNumber(viewers)}</span>
        </span>
      )}
      <OrdersLink viewer={viewer} />
      <LangSwitch />
    </header>
  );
}

function OrdersLink({ viewer }: { viewer: Viewer }) {
  const open = () => viewer.signedIn(() => (viewer.sheet.value = 'orders'));
  return (
    <button class="bar-link bar-orders" type="button" data-testid="my-orders" aria-label={t('orders')} onClick={open}>
      <Icon name="orders" size={20} /><span class="bar-label">{t('orders')}</span>
      {viewer.toPay.value > 0 && <b class="dot number">{viewer.toPay.value}</b>}
    </button>
  );
}

function Connection({ viewer }: { viewer: Viewer }) {
  const state = viewer.socket.state.value;
  const room = viewer.room.state.value;
  const failure = viewer.room.failure.value;
  if (state === 'open' && failure) return <div class="connection" role="status" data-testid="join-failed"><span class="spinner" />{explain(failure)}</div>;
  if (!room || (state === 'open' && !room.interrupted)) return null;
  if (state === 'open') return <div class="connection" role="status" data-testid="interrupted"><span class="spinner" />{t('interrupted')}</div>;
  const text = state !== 'stopped' ? t('reconnecting') : viewer.socket.closeCode.value === 3504 ? t('stoppedLimit') : t('stopped');
  return <div class="connection" role="status" data-testid="connection">{state !== 'stopped' && <span class="spinner" />}{text}</div>;
}

function Missing() {
  return (
    <main class="missing">
      <div class="empty"><Icon name="live" /><h1>{t('missing')}</h1><p>{t('missingHint')}</p><a class="button" href="/">{t('home')}</a></div>
    </main>
  );
}

function Sheets({ viewer }: { viewer: Viewer }) {
  const close = () => (viewer.sheet.value = 'none');
  switch (viewer.sheet.value) {
    case 'shelf':
      return <Sheet title={t('shelfTitle', { n: viewer.offers.value.length })} onClose={close} testid="shelf-sheet"><Shelf viewer={viewer} /></Sheet>;
    case 'questions':
      return <QuestionsSheet viewer={viewer} onClose={close} />;
    case 'signIn':
      return <SignInSheet viewer={viewer} onClose={close} />;
    case 'buy':
      return <BuySheet viewer={viewer} onClose={close} />;
    case 'orders':
      return <OrdersSheet viewer={viewer} onClose={close} />;
    case 'sellers':
      return <SellersSheet viewer={viewer} onClose={close} />;
    default:
      return null;
  }
}

function BagButton({ viewer }: { viewer: Viewer }) {
  return (
    <button class="round bag" type="button" data-testid="shelf-open" aria-label={t('shelf')} onClick={() => (viewer.sheet.value = 'shelf')}>
      <Icon name="bag" size={24} /><b class="dot number">{viewer.offers.value.length}</b>
    </button>
  );
}

export function App({ viewer }: { viewer: Viewer }) {
  const title = viewer.room.state.value?.show.title;
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  if (viewer.room.failure.value?.code === 'not_found') return <Missing />;
  return (
    <div class={`watch ${isDesk.value ? 'desk' : 'phone'}`}>
      <Header viewer={viewer} />
      <Connection viewer={viewer} />
      <main class="picture"><Stage viewer={viewer} /></main>
      <aside class="side" aria-label={t('chat')}>
        <FlashStrip viewer={viewer} />
        <QuestionStrip viewer={viewer} />
        <Chat viewer={viewer} />
        {viewer.isLive.value ? <PinnedCard viewer={viewer} /> : <><Chapters viewer={viewer} /><Answers viewer={viewer} /><ReplayCard viewer={viewer} /></>}
        <div class="dock">
          <BagButton viewer={viewer} />
          <Chat.Input viewer={viewer} />
          <LikeButton viewer={viewer} />
        </div>
      </aside>
      {isDesk.value && (
        <section class="goods" aria-label={t('shelf')}>
          <h2>{t('shelfTitle', { n: viewer.offers.value.length })}</h2>
          <Shelf viewer={viewer} />
        </section>
      )}
      <Sheets viewer={viewer} />
      <Toasts />
    </div>
  );
}
