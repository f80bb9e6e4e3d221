// A product without a photograph gets a drawing: what it is by the words of its title, its colours by the goods.
import type { Offer } from '../gen/livefair/v1/catalog_pb';
import { OfferKind } from '../gen/livefair/v1/catalog_pb';

interface Drawing {
  words: RegExp;
  from: string;
  to: string;
  shape: string; // on a 48-unit grid
  accent: string;
}

const GIFT: Drawing = {
  words: /礼|组合|套餐/, from: '#f6d9cf', to: '#eebba9',
  shape: 'M10 20h28v20H10zM8 14h32v7H8z', accent: 'M22 14h4v26h-4zM24 14c-4-7-10-6-9-2 .4 1.6 4 2 9 2zm0 0c4-7 10-6 9-2-.4 1.6-4 2-9 2z',
};

const DRAWINGS: Drawing[] = [
  { words: /绣|布|毛|织|竹|瓷|陶|杯|银|伞/, from: '#e3e0f0', to: '#c2bbdf', shape: 'M9 10h30v28H9z', accent: 'M24 14l8 10-8 10-8-10z' },
  { words: /茶|叶|绿茶|红茶/, from: '#dcecd4', to: '#b4d6a8', shape: 'M24 41C10 34 8 20 24 6c16 14 14 28 0 35z', accent: 'M23.2 14h1.6v28h-1.6zM24 26l7-6 1 1.3-8 7zM24 33l-7-6-1 1.3 8 7z' },
  { words: /米|谷|稻|薏|麦|豆|粮/, from: '#f7ecc9', to: '#ead79a', shape: 'M12 18h24l3 23H9zM15 12h18l3 6H12z', accent: 'M24 22c-4 3-4 9 0 13 4-4 4-10 0-13z' },
  { words: /粉|面|河粉|米线|条/, from: '#fbe7cf', to: '#f2cda0', shape: 'M7 23h34c0 9-6 17-17 17S7 32 7 23z', accent: 'M14 22c0-7 4-4 4-10h1.8c0 7-4 4-4 10zM22 22c0-7 4-4 4-10h1.8c0 7-4 4-4 10zM30 22c0-7 4-4 4-10h1.8c0 7-4 4-4 10z' },
  { words: /菇|耳|菌/, from: '#eadfd3', to: '#d2bda6', shape: 'M6 25C6 13 14 7 24 7s18 6 18 18c0 2-36 2-36 0z', accent: 'M19 27h10l2 13c-3 2-11 2-14 0z' },
  { words: /蜜|酱|辣|椒|酒|油|醋|豉/, from: '#f9dfc6', to: '#efb88a', shape: 'M14 17h20c4 4 4 20 0 24H14c-4-4-4-20 0-24z', accent: 'M15 9h18v6H15zM15 24h18v9H15z' },
  { words: /鱼|虾|蟹/, from: '#d9ebef', to: '#a9d0da', shape: 'M5 24c8-12 22-12 30-2l8-6c-2 5-2 11 0 16l-8-6C27 36 13 36 5 24z', accent: 'M13 21a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM20 17c3 4 3 10 0 14l1.4.8c3.5-5 3.5-11 0-15.6z' },
  { words: /鸭|鸡|肉|牛|羊|猪|腊/, from: '#f7d8d0', to: '#e8aea1', shape: 'M8 31L27 10c3-3 8 1 5 5L14 37c-4 4-10-2-6-6zM22 37l13-14c3-3 8 1 5 5L28 42c-4 3-9-1-6-5z', accent: 'M13 31l14-16 1.5 1.3-14 16zM26 37l10-11 1.5 1.3-10 11z' },
  { words: /果|梨|橙|柑|橘|柚|桃|李|枣|瓜|莓|葡|苹|猕|杏/, from: '#fde3cd', to: '#f6bd8c', shape: 'M24 14c11-5 17 2 16 11-1 10-8 17-16 16-8 1-15-6-16-16-1-9 5-16 16-11z', accent: 'M23 14c0-5 3-9 9-9 0 6-4 9-9 9z' },
  { words: /莲|藕|百合|花|菊|笋|菜|薯|姜|蒜/, from: '#e4efd6', to: '#bddaa3', shape: 'M24 40C12 38 7 28 8 18c6 0 9 2 11 5 0-7 2-12 5-15 3 3 5 8 5 15 2-3 5-5 11-5 1 10-4 20-16 22z', accent: 'M23 20h2v20h-2z' },
];
const BASKET: Drawing = {
  words: /./, from: '#f3e6cf', to: '#e2c99c',
  shape: 'M6 21h36l-4 20H10z', accent: 'M12 20C12 5 36 5 36 20h-2.5c0-11-19-11-19 0z',
};

function drawingOf(offer: Offer): Drawing {
  if (offer.kind === OfferKind.BUNDLE) return GIFT;
  return [...DRAWINGS, GIFT].find((drawing) => drawing.words.test(offer.title)) ?? BASKET;
}

/** The seller's picture when there is one on this site, else the drawing. */
export function ProductArt({ offer, size }: { offer: Offer; size: number }) {
  const box = { width: `${size}px`, height: `${size}px` };
  if (offer.pictureUrl.startsWith('/')) {
    return <div class="art" style={box}><img src={offer.pictureUrl} alt="" loading="lazy" width={size} height={size} /></div>;
  }
  const { from, to, shape, accent } = drawingOf(offer);
  const paint = `art-${offer.id}`;
  return (
    <div class="art" style={box} aria-hidden="true">
      <svg viewBox="0 0 72 72">
        <defs>
          <linearGradient id={paint} x1="0" y1="0" x2="1" y2="1"><stop stop-color={from} /><stop offset="1" stop-color={to} /></linearGradient>
        </defs>
        <rect width="72" height="72" fill={`url(#${paint})`} />
        <circle cx="60" cy="10" r="22" fill="#fff" opacity=".22" />
        <g transform="translate(12 12)"><path d={shape} fill="#fffdf8" opacity=".94" /><path d={accent} fill={to} style={{ filter: 'brightness(.78) saturate(1.25)' }} /></g>
      </svg>
    </div>
  );
}
