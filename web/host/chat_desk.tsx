// The chat as the desk sees it: every line can be deleted, every viewer muted.
import { useEffect, useRef, useState } from 'preact/hooks';
import { timeOfDay } from '../shared/format';
import { Role } from '../shared/gen/livefair/v1/account_pb';
import type { ChatEntry } from '../shared/room';
import { Icon } from '../shared/ui/icons';
import { toastError } from '../shared/ui/parts';
import type { HostDesk } from './model';
import { t } from './words';

const NEAR_BOTTOM_PX = 60;
const TEXT_MAX = 200;

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
  const lines = desk.room.state.value!.chat;
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
      <ul class="lines" ref={list} onScroll={onScroll} role="log" aria-live="polite" tabIndex={0}>
        {lines.length === 0 && <li class="empty">{t('chatEmpty')}</li>}
        {lines.map((line) => <Line key={line.id} desk={desk} line={line} />)}
      </ul>
      <Input desk={desk} />
    </aside>
  );
}
