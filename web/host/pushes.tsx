// Simulcast: other platforms that the picture is pushed on to. A key goes in once and is never shown again.
import { useState } from 'preact/hooks';
import { useServerNow } from '../shared/clock';
import { bytes, count } from '../shared/format';
import type { PushTarget } from '../shared/gen/livefair/v1/catalog_pb';
import { type PushState, PushStatus } from '../shared/gen/livefair/v1/media_pb';
import { Sheet, useBusy } from '../shared/ui/parts';
import type { HostDesk } from './model';
import { t } from './words';

const LOOKS = {
  [PushStatus.UNSPECIFIED]: ['off', ''],
  [PushStatus.OFF]: ['off', ''],
  [PushStatus.CONNECTING]: ['connecting', 'gold'],
  [PushStatus.LIVE]: ['live', 'leaf'],
  [PushStatus.WAITING]: ['waiting', 'gold'],
  [PushStatus.REFUSED]: ['refused', 'rosy'],
} as const;
const WORDS = { off: 'pushOff', connecting: 'pushConnecting', live: 'pushLive', waiting: 'pushWaiting', refused: 'pushRefused' } as const;

function Details({ desk, state }: { desk: HostDesk; state: PushState }) {
  const now = useServerNow(desk.socket.clock, 1000);
  const retryS = Math.ceil((Number(state.retryMs) - now) / 1000);
  const waits = state.status === PushStatus.WAITING || state.status === PushStatus.REFUSED;
  return (
    <>
      {state.status === PushStatus.LIVE && <p class="quiet number">{t('pushSent', { b: bytes(state.sentBytes) })}{state.droppedFrames > 0n && ` · ${t('pushDropped', { n: count(state.droppedFrames) })}`}</p>}
      {state.why !== '' && <p class="why" data-testid="push-why">{t('pushWhy', { why: state.why })}</p>}
      {waits && retryS > 0 && <p class="quiet number">{t('pushRetry', { s: retryS })}</p>}
    </>
  );
}

function Target({ desk, target }: { desk: HostDesk; target: PushTarget }) {
  const [busy, run] = useBusy();
  const state = desk.stream.value?.pushes.find(({ targetId }) => targetId === target.id);
  const [name, look] = LOOKS[state?.status ?? PushStatus.OFF];
  return (
    <li class="push" data-testid={`push-${target.id}`} data-state={name}>
      <div class="row"><strong class="one-line grow">{target.name}</strong><span class={`tag ${look}`}>{t(WORDS[name])}</span></div>
      <p class="quiet one-line" title={target.url}>{target.url}{target.keyEnd !== '' && ` · …${target.keyEnd}`}</p>
      {state && <Details desk={desk} state={state} />}
      <button class="link" type="button" data-testid={`push-remove-${target.id}`} disabled={busy} onClick={() => confirm(t('pushRemoveSure', { name: target.name })) && run(() => desk.removePush(target.id))}>{t('pushRemove')}</button>
    </li>
  );
}

function AddSheet({ desk, onClose }: { desk: HostDesk; onClose: () => void }) {
  const [busy, run] = useBusy();
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [key, setKey] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    run(async () => {
      await desk.addPush({ name: name.trim(), url: url.trim(), key: key.trim() });
      onClose();
    });
  };
  return (
    <Sheet title={t('pushAdd')} onClose={onClose} testid="push-sheet">
      <form class="push-form" onSubmit={submit}>
        <label class="field"><span>{t('pushName')}</span><input class="input" data-testid="push-name" value={name} maxLength={24} required onInput={(event) => setName(event.currentTarget.value)} /></label>
        <label class="field"><span>{t('pushUrl')}</span><input class="input" data-testid="push-url" value={url} required placeholder="rtmp://" autocomplete="off" onInput={(event) => setUrl(event.currentTarget.value)} /></label>
        <label class="field"><span>{t('key')}</span><input class="input" data-testid="push-key" type="password" value={key} required autocomplete="off" onInput={(event) => setKey(event.currentTarget.value)} /></label>
        <p class="quiet">{t('pushKeyHint')}</p>
        <button class="button" type="submit" data-testid="push-save" disabled={busy}>{t('pushSave')}</button>
      </form>
    </Sheet>
  );
}

export function Pushes({ desk }: { desk: HostDesk }) {
  const [adding, setAdding] = useState(false);
  if (!desk.mayHost.value) return null;
  const targets = desk.pushTargets.value;
  return (
    <section class="pushes" aria-label={t('pushes')}>
      <div class="row"><h3 class="grow">{t('pushes')}</h3><button class="button plain small" type="button" data-testid="push-add" onClick={() => setAdding(true)}>{t('pushAdd')}</button></div>
      {targets.length === 0 ? <p class="quiet">{t('pushEmpty')}</p> : <ul>{targets.map((target) => <Target key={target.id} desk={desk} target={target} />)}</ul>}
      {adding && <AddSheet desk={desk} onClose={() => setAdding(false)} />}
    </section>
  );
}
