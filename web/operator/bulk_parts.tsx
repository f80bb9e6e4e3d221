// What the parts of the bulk panel share: a section with a form for something new, and rows with what can be done.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Sheet, toast, useBusy } from '../shared/ui/parts';
import { ActionForm, type FormField } from './action_form';
import type { BulkBook, BulkDesk } from './bulk';
import { t } from './bulk_words';

export interface PartProps {
  desk: BulkDesk;
  book: BulkBook;
}

interface SectionProps<K extends string> {
  title: string;
  testid: string;
  /** Of what is made anew; `onSubmit` says what came of it. */
  fields: readonly FormField<K>[];
  submit: string;
  note?: string;
  onSubmit: (values: Record<K, string>) => Promise<string>;
  children?: ComponentChildren;
}

export function Section<K extends string>({ title, testid, fields, submit, note, onSubmit, children }: SectionProps<K>) {
  const [isOpen, setOpen] = useState(false);
  const send = async (values: Record<K, string>) => {
    toast(await onSubmit(values));
    setOpen(false);
  };
  return (
    <section class="desk-part" aria-label={title} data-testid={`${testid}-part`}>
      <header class="row"><h3 class="grow">{title}</h3><button class="ghost" type="button" data-testid={`${testid}-new`} onClick={() => setOpen(true)}>{t('add')}</button></header>
      {children}
      {isOpen && <Sheet title={title} onClose={() => setOpen(false)} testid={`${testid}-sheet`}><ActionForm testid={testid} fields={fields} submit={submit} onSubmit={send} {...(note ? { note } : {})} /></Sheet>}
    </section>
  );
}

/** A button for a change that needs no words; asks first where it can't be undone. */
export function ChangeButton({ words, testid, look, sure, change }: { words: string; testid: string; look: string; sure?: string; change: () => Promise<unknown> }) {
  const [busy, run] = useBusy();
  const press = () => (!sure || confirm(sure)) && run(() => change().then(() => toast(t('done', { what: words }))));
  return <button class={`button small ${look}`} type="button" data-testid={testid} disabled={busy} onClick={press}>{busy && <span class="spinner" />}{words}</button>;
}

export const choices = (list: readonly { id: string; name?: string; title?: string }[]) => list.map((each) => [each.id, each.name ?? each.title ?? each.id] as const);
