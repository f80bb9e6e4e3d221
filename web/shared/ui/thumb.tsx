// The newest still of a live room, or nothing while there is none.
import { useEffect, useState } from 'preact/hooks';
import type { RoomMedia } from '../media';

const REFRESH_MS = 10_000;

export function Thumb({ media, alt }: { media: RoomMedia; alt: string }) {
  const [url, setUrl] = useState('');
  const [loaded, setLoaded] = useState(false);
  useEffect(() => {
    const refresh = () => void media.thumbnail(Date.now()).then(setUrl, () => setUrl(''));
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [media]);
  if (url === '') return null;
  return <img class="thumb" data-testid="thumb" src={url} alt={alt} decoding="async" hidden={!loaded} onLoad={() => setLoaded(true)} onError={() => setLoaded(false)} />;
}
