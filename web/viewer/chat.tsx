// The chat: newest line at the bottom; it follows new lines unless the reader has scrolled up.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Role } from '../shared/gen/livefair/v1/account_pb';
import type { ChatEntry } from '../shared/room';
import { Icon } from '../shared/ui/icons';
import type { Viewer } from './model';
import { t } from './words';

const TEXT_MAX = 200;
const NEAR_BOTTOM_PX = 60;

function Badge({ role }: { role: Role }) {
  switch (role) {
    case Role.HOST: return <b class="badge host">{t('host')}</b>;
    case Role.ASSISTANT: return <b class="badge">{t('assistant')}</b>;
    case Role.MODERATOR: return <b class="badge">{t('moderator')}</b>;
    case Role.OPERATOR: return <b class="badge official">{t('operator')}</b>;
    default: return null;
  }
}

function Line({ line }: { line: ChatEntry }) {
  return (
    <li class="line" data-testid="chat-line" data-chat={line.id}>
      <Badge role={line.role} /><span class="who">{line.nickname}</span><span class="said">{line.text}</span>
    </li>
  );
}

export function Chat({ viewer }: { viewer: Viewer }) {
  const lines = viewer.room.state.value?.chat ?? [];
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
    <ul class="chat" ref={list} onScroll={onScroll} role="log" aria-live="polite" aria-label={t('chat')} tabIndex={0}>
      {lines.length === 0 && <li class="line hint">{t('chatEmpty')}</li>}
      {lines.map((line) => <Line key={line.id} line={line} />)}
    </ul>
  );
}

Chat.Input = function ChatInput({ viewer }: { viewer: Viewer }) {
  const [text, setText] = useState('');
  const guest = !viewer.account.value;
  const submit = (event: Event) => {
    event.preventDefault();
    const said = text.trim();
    if (guest || said === '') return;
    setText('');
    void viewer.say(said).then((sent) => !sent && setText(said));
  };
  return (
    <form class="say" onSubmit={submit}>
      <input data-testid="chat-input" class="say-text" value={text} maxLength={TEXT_MAX} enterkeyhint="send" autocomplete="off"
        aria-label={guest ? t('chatSignIn') : t('chatHint')} placeholder={guest ? t('chatSignIn') : t('chatHint')} readOnly={guest}
        onClick={() => guest && viewer.signedIn(() => {})} onInput={(event) => setText(event.currentTarget.value)} />
      <button class="say-send" type="submit" data-testid="chat-send" aria-label={t('send')} disabled={!guest && text.trim() === ''}
        onClick={() => guest && viewer.signedIn(() => {})}><Icon name="send" size={20} /></button>
    </form>
  );
};
