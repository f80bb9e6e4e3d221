// Delivery addresses: choose one, or write a new one.
import { useState } from 'preact/hooks';
import { api } from '../shared/api';
import type { Address } from '../shared/gen/livefair/v1/order_pb';
import { provinceCode } from '../shared/region';
import { Icon } from '../shared/ui/icons';
import { toast, useBusy } from '../shared/ui/parts';
import type { Viewer } from './model';
import { t } from './words';

const FIELDS = [
  { key: 'recipient', label: 'recipient', input: 'text', autocomplete: 'name', max: 30 },
  { key: 'phone', label: 'phone', input: 'tel', autocomplete: 'tel', max: 11 },
  { key: 'regionName', label: 'region', input: 'text', autocomplete: 'address-level1', max: 60 },
  { key: 'detail', label: 'detail', input: 'text', autocomplete: 'street-address', max: 120 },
] as const;

export function AddressForm({ viewer, onSaved }: { viewer: Viewer; onSaved: (address: Address) => void }) {
  const [values, setValues] = useState({ recipient: '', phone: '', regionName: '', detail: '' });
  const [busy, run] = useBusy();
  const save = () => {
    if (values.recipient.trim() === '' || values.phone.trim() === '' || values.detail.trim() === '') return toast(t('addressIncomplete'), true);
    const regionCode = provinceCode(values.regionName);
    if (!regionCode) return toast(t('regionNeeded'), true);
    run(async () => {
      const saved = await api.saveAddress({ ...values, regionCode });
      viewer.addresses.value = [...(viewer.addresses.value ?? []), saved];
      onSaved(saved);
    });
  };
  return (
    <div class="form address-form" data-testid="address-form">
      {FIELDS.map(({ key, label, input, autocomplete, max }) => (
        <label class="field" key={key}><span>{t(label)}</span>
          <input class="input" data-testid={`address-${key}`} inputMode={input} autocomplete={autocomplete} maxLength={max} value={values[key]}
            onInput={(event) => setValues({ ...values, [key]: event.currentTarget.value })} />
        </label>
      ))}
      <button class="button leaf" type="button" data-testid="address-save" disabled={busy} onClick={save}>{t('addressSave')}</button>
    </div>
  );
}

export function AddressLines({ address }: { address: Address }) {
  return <span><strong>{address.recipient}</strong> <span class="number">{address.phone}</span><br /><span class="quiet">{address.regionName}{address.detail}</span></span>;
}

interface PickerProps {
  viewer: Viewer;
  chosen: string;
  onChoose: (id: string) => void;
}

export function AddressPicker({ viewer, chosen, onChoose }: PickerProps) {
  const [writing, setWriting] = useState(false);
  const addresses = viewer.addresses.value;
  if (!addresses) return <p class="quiet"><span class="spinner" /></p>;
  if (writing || addresses.length === 0) {
    return <AddressForm viewer={viewer} onSaved={(saved) => { setWriting(false); onChoose(saved.id); }} />;
  }
  return (
    <div class="addresses" role="radiogroup" aria-label={t('address')}>
      {addresses.map((address) => (
        <label class={`address ${address.id === chosen ? 'chosen' : ''}`} key={address.id}>
          <input type="radio" name="address" class="unseen" checked={address.id === chosen} onChange={() => onChoose(address.id)} />
          <Icon name="place" /><AddressLines address={address} />
        </label>
      ))}
      <button class="link" type="button" data-testid="address-new" onClick={() => setWriting(true)}>+ {t('addressNew')}</button>
    </div>
  );
}
