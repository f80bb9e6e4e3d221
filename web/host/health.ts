// Plain advice from the figures of the incoming stream.
import { type StreamState, StreamStatus } from '../shared/gen/livefair/v1/media_pb';

export type Advice =
  | 'adviceOk' | 'adviceOffline' | 'adviceReconnecting' | 'adviceKeyFrames' | 'adviceBitrate' | 'adviceBitrateHigh' | 'adviceFps';

const KEY_FRAMES_MAX_MS = 4000;
const BITRATE_MIN_BPS = 800_000;
const BITRATE_MAX_BPS = 6_500_000;
const FPS_MIN = 20;

/** The worst thing first; a figure of zero is not known yet and says nothing. */
export function adviceOn(stream: StreamState | undefined): Advice[] {
  if (!stream || stream.status === StreamStatus.OFFLINE || stream.status === StreamStatus.UNSPECIFIED) return ['adviceOffline'];
  if (stream.status === StreamStatus.RECONNECTING) return ['adviceReconnecting'];
  const advice: Advice[] = [];
  const bitrate = Number(stream.bitrateBps);
  if (stream.keyFrameIntervalMs > KEY_FRAMES_MAX_MS) advice.push('adviceKeyFrames');
  if (bitrate > 0 && bitrate < BITRATE_MIN_BPS) advice.push('adviceBitrate');
  if (bitrate > BITRATE_MAX_BPS) advice.push('adviceBitrateHigh');
  if (stream.fps > 0 && stream.fps < FPS_MIN) advice.push('adviceFps');
  return advice.length > 0 ? advice : ['adviceOk'];
}
