// hls.js/light ships without declarations; it is the same API as the full build minus subtitles, alternate audio and DRM.
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}
