// Questions to the host: the board of open ones, one's own, and where a recording answers them.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../shared/api';
import { count, timeOfDay } from '../shared/format';
import { ShowState } from '../shared/gen/livefair/v1/catalog_pb';
import { type Question, QuestionState } from '../shared/gen/livefair/v1/room_pb';
import { Icon } from '../shared/ui/icons';
import { Sheet } from '../shared/ui/parts';
import type { Viewer } from './model';
import { t } from './words';

const TEXT_MAX = 100;

/** One line above the chat: the question that most want answered. */
export function QuestionStrip({ viewer }: { viewer: Viewer }) {
  const state = viewer.room.state.value;
  if (!state || state.show.state === ShowState.ENDED || !viewer.isLive.value) return null;
  const first = state.questions?.questions[0];
  return (
    <button class="question-strip" type="button" data-testid="questions-open" onClick={() => (viewer.sheet.value = 'questions')}>
      <Icon name="ask" size={16} />
      <span class="one-line">{first ? first.text : t('askHost')}</span>
      {first && <b class="number">{t('votes', { n: count(first.votes) })}</b>}
    </button>
  );
}

function Row({ viewer, question }: { viewer: Viewer; question: Question }) {
  const voted = viewer.voted.value.has(question.id);
  return (
    <li class="question" data-testid="question" data-votes={String(question.votes)}>
      <p>{question.text}</p>
      <span class="number quiet">{t('votes', { n: count(question.votes) })}</span>
      <button class="button plain small" type="button" data-testid="question-vote" disabled={voted} onClick={() => viewer.signedIn(() => void viewer.vote(question.id))}>{t(voted ? 'votedFor' : 'voteFor')}</button>
    </li>
  );
}

export function QuestionsSheet({ viewer, onClose }: { viewer: Viewer; onClose: () => void }) {
  const [text, setText] = useState('');
  const board = viewer.room.state.value?.questions;
  const questions = board?.questions ?? [];
  const submit = (event: Event) => {
    event.preventDefault();
    const asked = text.trim();
    if (asked !== '') viewer.signedIn(() => void viewer.ask(asked).then((taken) => taken && setText('')));
  };
  return (
    <Sheet title={t('questions')} onClose={onClose} testid="questions-sheet">
      <form class="ask" onSubmit={submit}>
        <input class="input grow" data-testid="ask-input" value={text} maxLength={TEXT_MAX} autocomplete="off" aria-label={t('askHint')} placeholder={t('askHint')} onInput={(event) => setText(event.currentTarget.value)} />
        <button class="button" type="submit" data-testid="ask-send" disabled={text.trim() === ''}>{t('ask')}</button>
      </form>
      <p class="quiet">{questions.length === 0 ? t('questionsEmpty') : t('questionsAsOf', { n: count(board!.open), t: timeOfDay(board!.asOfMs, true) })}</p>
      <ul class="questions">{questions.map((question) => <Row key={question.id} viewer={viewer} question={question} />)}</ul>
    </Sheet>
  );
}

/** Beside a whole recording: what was answered in it, in order; a tap goes there. */
export function Answers({ viewer }: { viewer: Viewer }) {
  const watching = viewer.replays.watching.value;
  const showId = viewer.room.state.value?.show.id;
  const recording = watching.kind === 'replay' ? watching.recording : undefined;
  const [questions, setQuestions] = useState<readonly Question[]>([]);
  useEffect(() => {
    if (recording && showId) void api.questions(showId).then(setQuestions, () => setQuestions([]));
  }, [recording?.id, showId]);
  const answered = questions.filter(({ state, mediaTimeMs }) => state === QuestionState.ANSWERED && recording
    && Number(mediaTimeMs) >= recording.startMs && Number(mediaTimeMs) < recording.startMs + recording.durationMs);
  if (answered.length === 0) return null;
  return (
    <nav class="chapters" aria-label={t('answers')} data-testid="answers">
      {answered.map((question) => (
        <button key={`${question.id} ${question.mediaTimeMs}`} class="chapter" type="button" data-testid="answer" onClick={() => viewer.seekTo(Number(question.mediaTimeMs))}>
          <time class="number">{timeOfDay(question.mediaTimeMs)}</time><span class="one-line">{t('answerTo', { text: question.text })}</span>
        </button>
      ))}
    </nav>
  );
}
