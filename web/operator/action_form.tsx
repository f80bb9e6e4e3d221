// A form for one action: its fields from a table, busy while the server is asked, the server's own sentence when it refuses.
import { useState } from 'preact/hooks';
import { explain, useBusy } from '../shared/ui/parts';

export interface FormField<K extends string> {
  key: K;
  name: string;
  hint?: string;
  required?: boolean;
  /** Characters at most. */
  max?: number;
  kind?: 'text' | 'number' | 'money' | 'area' | 'datetime-local' | 'date';
  /** A choice instead of a text: value and words. */
  options?: readonly (readonly [value: string, words: string])[];
  /** What it begins with. */
  value?: string;
}

interface FormProps<K extends string> {
  fields: readonly FormField<K>[];
  submit: string;
  testid: string;
  note?: string;
  onSubmit: (values: Record<K, string>) => Promise<unknown>;
}

interface FieldProps {
  field: FormField<string>;
  value: string;
  testid: string;
  onChange: (value: string) => void;
}

function Field({ field, value, testid, onChange }: FieldProps) {
  const { name, hint, required = false, max = 200, kind = 'text', options } = field;
  const common = { class: 'input', 'data-testid': testid, required, value };
  return (
    <label class="field"><span>{name}{required && ' *'}</span>
      {options ? <select {...common} onChange={(event) => onChange(event.currentTarget.value)}>{options.map(([key, words]) => <option key={key} value={key}>{words}</option>)}</select>
        : kind === 'area' ? <textarea {...common} rows={6} onInput={(event) => onChange(event.currentTarget.value)} />
        : kind === 'datetime-local' || kind === 'date' ? <input {...common} type={kind} onInput={(event) => onChange(event.currentTarget.value)} />
        : <input {...common} inputMode={kind === 'number' ? 'numeric' : kind === 'money' ? 'decimal' : 'text'} maxLength={max} autocomplete="off" onInput={(event) => onChange(event.currentTarget.value)} />}
      {hint && <small class="quiet">{hint}</small>}
    </label>
  );
}

export function ActionForm<K extends string>({ fields, submit, testid, note, onSubmit }: FormProps<K>) {
  // A choice that nobody has made is its first.
  const [values, setValues] = useState(() => Object.fromEntries(fields.map((field) => [field.key, field.value ?? field.options?.[0]?.[0] ?? ''])) as Record<K, string>);
  const [wrong, setWrong] = useState('');
  const [busy, run] = useBusy();
  const send = (event: Event) => {
    event.preventDefault();
    setWrong('');
    run(async () => {
      try {
        await onSubmit(values);
      } catch (error) {
        setWrong(explain(error));
      }
    });
  };
  return (
    <form class="form" onSubmit={send} aria-busy={busy} data-testid={`${testid}-form`}>
      {note && <p class="quiet">{note}</p>}
      {fields.map((field) => <Field key={field.key} field={field} testid={`${testid}-${field.key}`} value={values[field.key]} onChange={(value) => setValues((before) => ({ ...before, [field.key]: value }))} />)}
      {wrong && <p class="notice bad" role="alert" data-testid={`${testid}-refused`}>{wrong}</p>}
      <button class="button wide" type="submit" data-testid={`${testid}-send`} disabled={busy}>{busy && <span class="spinner" />}{submit}</button>
    </form>
  );
}
