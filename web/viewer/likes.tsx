// Likes: each tap sends a heart up; the taps of a second go to the server as one message.
import { useEffect, useState } from 'preact/hooks';
import { shortNumber } from '../shared/format';
import { Icon } from '../shared/ui/icons';
import type { Viewer } from './model';
import { t } from './words';

const HEART_MS = 1600;
const HEARTS_AT_ONCE = 12;

export function LikeButton({ viewer }: { viewer: Viewer }) {
  const likes = Number(viewer.room.state.value?.counts?.likes ?? 0n);
  return (
    <button class="round like" type="button" data-testid="like" aria-label={`${t('like')}, ${t('likes', { n: likes })}`} onClick={() => viewer.like()}>
      <Icon name="heart" size={24} filled />
      {likes > 0 && <b class="dot number" data-testid="like-count">{shortNumber(likes)}</b>}
    </button>
  );
}

export function FloatingHearts({ viewer }: { viewer: Viewer }) {
  const [hearts, setHearts] = useState<readonly number[]>([]);
  const newest = viewer.ownLikes.value;
  useEffect(() => {
    if (newest === 0) return;
    setHearts((now) => [...now.slice(1 - HEARTS_AT_ONCE), newest]);
    setTimeout(() => setHearts((now) => now.filter((heart) => heart !== newest)), HEART_MS);
  }, [newest]);
  return (
    <div class="hearts" aria-hidden="true">
      {hearts.map((heart) => <span key={heart} class={`heart lane-${heart % 4}`}><Icon name="heart" size={26} filled /></span>)}
    </div>
  );
}
