// The clock that scripts/demo-picture draws into each frame before it is encoded, read back from the frame on the screen.

/**
 * In the page: how old the frame shown now is, in ms, by the strip in it; null when white and black can't be told apart.
 * Nothing outside the function may be used: it is sent to the page as text.
 */
export function readStrip() {
  const [bits, unitMs, boxes, sourceWidth, sourceY] = [14, 20, 32, 1280, 708];
  const video = document.querySelector('video');
  if (!video?.videoWidth) return null;
  const scale = video.videoWidth / sourceWidth;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  const nowMs = Date.now();
  const light = (box) => context.getImageData(Math.round((box + 0.5) * boxes * scale), Math.round(sourceY * scale), 1, 1).data[1];
  const [white, black] = [light(0), light(bits + 1)];
  if (white - black < 100) return null;
  let code = 0;
  for (let bit = 0; bit < bits; bit++) code = (code << 1) | (light(bit + 1) > (white + black) / 2 ? 1 : 0);
  for (let shift = 1; shift < bits; shift *= 2) code ^= code >> shift; // Gray code to binary
  const span = (1 << bits) * unitMs;
  return (((nowMs - code * unitMs) % span) + span) % span;
}

export const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
