// What the media program advises about a stream, in words. The judgement is the server's alone (StreamState.advice).
import { RecordStatus, StreamAdvice, type StreamState, StreamStatus } from './gen/livefair/v1/media_pb';
import { type Pair, say } from './i18n';

export type AdviceName = Exclude<keyof typeof StreamAdvice, number | 'UNSPECIFIED'> | 'OFFLINE' | 'RECONNECTING' | 'OK';

const words: Record<AdviceName, Pair> = {
  OK: ['画面信号良好。', 'The signal is good.'],
  OFFLINE: ['没有收到画面：请检查 OBS 是否已“开始直播”，服务器和推流码是否填对。', 'Nothing arrives: is OBS streaming, and are server and key right?'],
  RECONNECTING: ['画面断了：请检查主播端网络，OBS 会自动重连，观众会停在等待画面。', 'The picture dropped: check the network; OBS reconnects by itself.'],
  UPLINK_WEAK: ['上行不足，请降低码率或换个位置。', 'The uplink is too weak: lower the bit rate, or move.'],
  KEY_FRAMES_FAR: ['关键帧间隔 {keyFrames} 秒，建议 2 秒（OBS：设置 → 输出 → 关键帧间隔）。', 'Key frames every {keyFrames} s; set 2 s (OBS: Settings → Output → Keyframe Interval).'],
  BITRATE_LOW: ['码率偏低（{mbps} Mbit/s），画面会糊，建议 2 Mbit/s 以上。', 'The bit rate is low ({mbps} Mbit/s), the picture blurs; 2 Mbit/s or more is better.'],
  BITRATE_HIGH: ['码率过高（{mbps} Mbit/s），手机观众可能卡顿，建议不超过 6 Mbit/s。', 'The bit rate is high ({mbps} Mbit/s), phones may stall; stay below 6 Mbit/s.'],
  FPS_LOW: ['帧率偏低（每秒 {fps} 帧），电脑可能编码不过来：请关掉其他程序或降低分辨率。', 'The frame rate is low ({fps} fps): close other programs or lower the resolution.'],
  AV_SKEW: ['声音和画面相差 {skew} 毫秒，请检查采集设备的延时设置。', 'Sound and picture are {skew} ms apart: check the delay settings of camera and microphone.'],
  NO_AUDIO: ['没有声音：请检查麦克风是否接好、是否静音。', 'No sound arrives: is the microphone connected and not muted?'],
  NO_VIDEO: ['没有画面：请检查摄像头或采集卡。', 'No picture arrives: check the camera or the capture card.'],
  TIMESTAMPS: ['推流的时间戳经常出错，已自动修正；建议重启推流软件。', 'The encoder’s timestamps are often wrong and are repaired; restart the encoder.'],
  DROPS: ['有画面帧损坏被丢弃，请检查网络和推流软件。', 'Broken frames were dropped: check the network and the encoder.'],
  RECORDING_GAP: ['录制磁盘已满或太慢，录像有缺口；直播不受影响，请通知运维。', 'The disk of recordings is full or slow, the recording has a gap; live goes on. Tell the operators.'],
};

/** The worst first; "OK" alone while all is well. Advice of a newer server is left out. */
export function adviceOn(stream: StreamState | undefined): AdviceName[] {
  if (!stream || stream.status === StreamStatus.OFFLINE || stream.status === StreamStatus.UNSPECIFIED) return ['OFFLINE'];
  if (stream.status === StreamStatus.RECONNECTING) return ['RECONNECTING'];
  const names = stream.advice.flatMap((value) => {
    const name = StreamAdvice[value] as AdviceName | 'UNSPECIFIED' | undefined;
    return name && name !== 'UNSPECIFIED' ? [name] : [];
  });
  return names.length > 0 ? names : ['OK'];
}

export function adviceWords(name: AdviceName, stream: StreamState | undefined): string {
  return say(words[name], {
    keyFrames: seconds(stream?.keyFrameIntervalMs ?? 0n),
    mbps: (Number(stream?.bitrateBps ?? 0n) / 1e6).toFixed(1),
    fps: (stream?.fps ?? 0).toFixed(0),
    skew: Math.abs(Number(stream?.avSkewMs ?? 0n)),
  });
}

/** "8", "2.5". */
export function seconds(ms: bigint): string {
  return String(Math.round(Number(ms) / 100) / 10);
}

export type RecordName = 'off' | 'recording' | 'failing';

export function recordName(stream: StreamState | undefined): RecordName {
  if (stream?.record?.status === RecordStatus.RECORDING) return 'recording';
  return stream?.record?.status === RecordStatus.FAILING ? 'failing' : 'off';
}
