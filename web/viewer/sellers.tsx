// Who really sells: name and contact, one tap away at any time during the show.
import { Icon } from '../shared/ui/icons';
import { Sheet } from '../shared/ui/parts';
import type { Viewer } from './model';
import { t } from './words';

export function SellersSheet({ viewer, onClose }: { viewer: Viewer; onClose: () => void }) {
  const sellers = new Map<string, { contact: string; numbers: number[] }>();
  for (const offer of viewer.offers.value) {
    if (offer.supplierName === '') continue;
    const seller = sellers.get(offer.supplierName) ?? { contact: offer.supplierContact, numbers: [] };
    seller.numbers.push(offer.number);
    sellers.set(offer.supplierName, seller);
  }
  return (
    <Sheet title={t('sellerTitle')} onClose={onClose} testid="sellers-sheet">
      <p class="quiet">{t('sellerHint')}</p>
      <ul class="sellers">
        {[...sellers].map(([name, { contact, numbers }]) => (
          <li key={name}>
            <Icon name="shop" />
            <div><strong>{name}</strong><p>{t('sellerContact')}:{contact || t('sellerNoContact')}</p></div>
            <span class="tag number">{numbers.map((n) => t('number', { n })).join(' ')}</span>
          </li>
        ))}
      </ul>
      <p class="organiser">{t('sellerOrganiser')}:{viewer.room.state.value?.show.organisationName}</p>
    </Sheet>
  );
}
