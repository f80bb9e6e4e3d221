// Orders that the ledger takes itself: of organisations by quote and gifts in a bulk show, sales at a stall.
import { useEffect, useState } from 'preact/hooks';
import { Channel } from '../shared/gen/livefair/v1/catalog_pb';
import { staffApi } from './api';
import { BulkDesk } from './bulk';
import { bulkApi } from './bulk_api';
import { t } from './bulk_words';
import { Agreements, Intents } from './deals';
import { Gifts } from './gifts';
import type { Wall } from './model';
import { Quotes } from './quotes';
import { ShowSelect, usePickedShow } from './show_select';
import { Stall } from './stall';
import './desk.css';

export function BulkPanel({ wall }: { wall: Wall }) {
  const [desk] = useState(() => new BulkDesk({ ...bulkApi, suppliers: staffApi.suppliers }));
  const picked = usePickedShow(wall, ({ channel }) => channel === Channel.BULK || channel === Channel.STALL);
  const show = picked.show;
  useEffect(() => {
    if (show) void desk.load(show.id);
  }, [show?.id]);
  if (!show) return <div class="empty"><p>{t('noShow')}</p></div>;
  const book = desk.book.value;
  return (
    <div class="desk">
      <div class="desk-bar">
        <ShowSelect of={picked} testid="bulk-show" />
        <button class="ghost" type="button" data-testid="bulk-reload" onClick={() => void desk.load(show.id)}>{t('reload')}</button>
      </div>
      {desk.problem.value && <p class="lost" role="alert" data-testid="bulk-problem">{desk.problem.value}</p>}
      {!book && !desk.problem.value && <p><span class="spinner" /></p>}
      {book && show.channel === Channel.STALL && <Stall key={show.id} desk={desk} book={book} />}
      {book && show.channel === Channel.BULK && <><Quotes desk={desk} book={book} /><Intents desk={desk} book={book} /><Gifts desk={desk} book={book} /></>}
      {book && <Agreements desk={desk} book={book} />}
    </div>
  );
}
