// The chat as the desk sees it: every line can be deleted, every viewer muted.
import { useEffect, useRef, useState } from 'preact/hooks';
import { timeOfDay } from '../shared/format';
import { Role } from '../shared/gen/livefair/v1/account_pb';
import { type ChatHeld, HoldReason } from '../shared/gen/livefair/v1/room_pb';
import type { ChatEntry } from '../shared/room';
import { Icon } from '../shared/ui/icons';
import { toastError, useBusy } from '../shared/ui/parts';
import type { HostDesk } from './model';
import { t } from './words';

const NEAR_BOTTOM_PX = 60;
const TEXT_MAX = 200;
const SLOW_MS = [0, 5_000, 10_000, 30_000, 60_000];

function roleName(role: Role): string {
  switch (role) {
    case Role.HOST: return t('roleHost');
    case Role.ASSISTANT: return t('roleAssistant');
    case Role.MODERATOR: return t('roleModerator');
    case Role.OPERATOR: return t('roleOperator');
    default: return '';
  }
}

function Line({ desk, line }: { desk: HostDesk; line: ChatEntry }) {
  const muted = (desk.room.state.value!.mutedUntilMs.get(line.accountId) ?? 0) > desk.socket.clock.now();
  const run = (work: Promise<void>) => void work.catch(toastError);
  return (
    <li class="line" data-testid="chat-line" data-chat={line.id}>
      <p><time class="number">{timeOfDay(line.atMs, true)}</time>{roleName(line.role) && <b class="tag leaf">{roleName(line.role)}</b>}<span class="who">{line.nickname}</span>{muted && <b class="tag rosy">{t('muted')}</b>}</p>
      <p class="said">{line.text}</p>
      <div class="line-buttons">
        <button class="icon-button" type="button" data-testid="chat-delete" title={t('remove')} aria-label={t('remove')} onClick={() => run(desk.deleteChat(line.id))}><Icon name="trash" size={17} /></button>
        {line.role <= Role.VIEWER && (
          <button class={`icon-button ${muted ? 'on' : ''}`} type="button" data-testid="chat-mute" title={muted ? t('unmute') : t('mute')} aria-label={muted ? t('unmute') : t('mute')}
            onClick={() => run(desk.mute(line.accountId, !muted))}><Icon name="quiet" size={17} /></button>
        )}
        {line.role <= Role.VIEWER && (
          <button class="icon-button" type="button" data-testid="chat-ban" title={t('ban')} aria-label={t('ban')}
            onClick={() => confirm(t('banSure', { who: line.nickname })) && run(desk.ban(line.accountId))}><Icon name="out" size={17} /></button>
        )}
      </div>
    </li>
  );
}

/** What keeps a lively room readable. Staff are bound by none of it. */
function Rules({ desk }: { desk: HostDesk }) {
  const [busy, run] = useBusy();
  const rules = desk.room.state.value!.rules;
  const slowMs = Number(rules?.slowMs ?? 0n);
  const steps = SLOW_MS.includes(slowMs) ? SLOW_MS : [...SLOW_MS, slowMs];
  return (
    <div class="rules">
      <label title={t('slowTip')}>{t('slow')}
        <select data-testid="slow-mode" value={String(slowMs)} disabled={busy} onChange={(event) => run(() => desk.setRules({ slowMs: BigInt(event.currentTarget.value) }))}>
          {steps.map((ms) => <option key={ms} value={String(ms)}>{ms === 0 ? t('off') : t('seconds', { s: ms / 1000 })}</option>)}
        </select>
      </label>
      <label title={t('muteAllTip')}><input type="checkbox" data-testid="mute-all" checked={rules?.muteAll ?? false} disabled={busy} onChange={(event) => run(() => desk.setRules({ muteAll: event.currentTarget.checked }))} />{t('muteAll')}</label>
      <label title={t('reviewAllTip')}><input type="checkbox" data-testid="review-all" checked={rules?.reviewAll ?? false} disabled={busy} onChange={(event) => run(() => desk.setRules({ reviewAll: event.currentTarget.checked }))} />{t('reviewAll')}</label>
    </div>
  );
}

function reasonName(reason: HoldReason): string {
  switch (reason) {
    case HoldReason.WORD: return t('heldWord');
    case HoldReason.LINK: return t('heldLink');
    case HoldReason.CONTACT: return t('heldContact');
    default: return t('heldRule');
  }
}

function Held({ desk, held }: { desk: HostDesk; held: ChatHeld }) {
  const [busy, run] = useBusy();
  const line = held.line!;
  return (
    <li class="line held" data-testid="held-line">
      <p><b class="tag gold">{reasonName(held.reason)}</b><span class="who">{line.nickname}</span></p>
      <p class="said">{line.text}</p>
      <div class="line-buttons">
        <button class="icon-button" type="button" data-testid="held-approve" disabled={busy} title={t('approve')} aria-label={t('approve')} onClick={() => run(() => desk.review(line.id, true))}><Icon name="check" size={17} /></button>
        <button class="icon-button" type="button" data-testid="held-reject" disabled={busy} title={t('reject')} aria-label={t('reject')} onClick={() => run(() => desk.review(line.id, false))}><Icon name="close" size={17} /></button>
      </div>
    </li>
  );
}

function Input({ desk }: { desk: HostDesk }) {
  const [text, setText] = useState('');
  const hint = t('say', { role: roleName(desk.role.value) });
  const submit = (event: Event) => {
    event.preventDefault();
    const said = text.trim();
    if (said === '') return;
    setText('');
    desk.say(said).catch((error: unknown) => {
      toastError(error);
      setText(said);
    });
  };
  return (
    <form class="row" onSubmit={submit}>
      <input class="input grow" data-testid="chat-input" value={text} maxLength={TEXT_MAX} autocomplete="off" aria-label={hint} placeholder={hint} onInput={(event) => setText(event.currentTarget.value)} />
      <button class="button" type="submit" data-testid="chat-send" disabled={text.trim() === ''}>{t('send')}</button>
    </form>
  );
}

export function ChatDesk({ desk }: { desk: HostDesk }) {
  const { chat: lines, held } = desk.room.state.value!;
  const list = useRef<HTMLUListElement>(null);
  const follows = useRef(true);
  const onScroll = () => {
    const box = list.current!;
    follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_BOTTOM_PX;
  };
  useEffect(() => {
    if (follows.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines]);
  return (
    <aside class="panel chat-desk" aria-label={t('chat')}>
      <h2>{t('chat')}</h2>
      <Rules desk={desk} />
      {held.length > 0 && <ul class="held-lines" aria-label={t('heldLines', { n: held.length })}>{held.map((each) => <Held key={each.line!.id} desk={desk} held={each} />)}</ul>}
      <ul class="lines" ref={list} onScroll={onScroll} role="log" aria-live="polite" tabIndex={0}>
        {lines.length === 0 && <li class="empty">{t('chatEmpty')}</li>}
        {lines.map((line) => <Line key={line.id} desk={desk} line={line} />)}
      </ul>
      <Input desk={desk} />
    </aside>
  );
}
