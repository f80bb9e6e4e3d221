// Viewers' questions, most wanted first. Answered: the host speaks of it now, and the replay jumps here. Later: it is kept for after the show.
import { count, timeOfDay } from '../shared/format';
import { type Question, QuestionState } from '../shared/gen/livefair/v1/room_pb';
import { Icon } from '../shared/ui/icons';
import { useBusy } from '../shared/ui/parts';
import type { HostDesk } from './model';
import { t } from './words';

function Row({ desk, question }: { desk: HostDesk; question: Question }) {
  const [busy, run] = useBusy();
  const close = (state: QuestionState) => run(() => desk.closeQuestion(question.id, state));
  return (
    <li class="asked" data-testid="asked" data-votes={String(question.votes)}>
      <div><p>{question.text}</p><p class="quiet number">{t('askedBy', { n: count(question.votes), who: question.nickname, t: timeOfDay(question.askedMs) })}</p></div>
      <button class="button small" type="button" data-testid="asked-answered" disabled={busy} title={t('answeredHint')} onClick={() => close(QuestionState.ANSWERED)}>{t('answered')}</button>
      <button class="button plain small" type="button" data-testid="asked-later" disabled={busy} title={t('laterHint')} onClick={() => close(QuestionState.LATER)}>{t('later')}</button>
      <button class="icon-button" type="button" data-testid="asked-remove" disabled={busy} title={t('remove')} aria-label={t('remove')} onClick={() => close(QuestionState.REMOVED)}><Icon name="trash" size={17} /></button>
    </li>
  );
}

export function QuestionDesk({ desk }: { desk: HostDesk }) {
  const queue = desk.room.state.value!.questionQueue;
  const questions = queue?.questions ?? [];
  return (
    <section class="panel question-desk" aria-label={t('questions')}>
      <header><h2>{t('questions')}</h2>{queue && <span class="quiet number">{t('questionsAsOf', { n: count(queue.open), t: timeOfDay(queue.asOfMs, true) })}</span>}</header>
      <ul class="asked-list">
        {questions.length === 0 && <li class="empty">{t('questionsEmpty')}</li>}
        {questions.map((question) => <Row key={question.id} desk={desk} question={question} />)}
      </ul>
    </section>
  );
}
