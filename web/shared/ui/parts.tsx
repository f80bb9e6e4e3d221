// Small parts that all pages share.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { yuanDigits, unitName } from '../format';
import { dictionary, lang, spoken, switchLang } from '../i18n';
import { BrandMark, Icon } from './icons';

const t = dictionary({
  close: ['关闭', 'Close'],
  copy: ['复制', 'Copy'],
  copied: ['已复制', 'Copied'],
  otherLang: ['Switch to English', '切换到中文'],
  brand: ['村播集市', 'Livefair'],
});

export function Brand() {
  return <a class="brand" href="/"><BrandMark /><span>{t('brand')}</span></a>;
}

export function LangSwitch() {
  return (
    <button class="lang-switch" type="button" data-testid="lang-switch" aria-label={t('otherLang')} onClick={switchLang}>
      {lang.value === 'zh' ? 'EN' : '中'}
    </button>
  );
}

/** A price: small sign, small cents, and the unit it is for. */
export function Price({ fen, unit }: { fen: bigint; unit?: string }) {
  const { whole, cents } = yuanDigits(fen);
  return (
    <span class="price">
      <small>¥</small>{whole}{cents !== '00' && <small>.{cents}</small>}
      {unit && <span class="per">/{unitName(unit)}</span>}
    </span>
  );
}

interface SheetProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  testid?: string;
}

/** A modal sheet; the browser keeps the focus inside, and Escape or a tap beside it closes it. */
export function Sheet({ title, onClose, children, testid }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog ref={dialog} class="sheet" aria-label={title} data-testid={testid}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => event.target === dialog.current && onClose()}>
      <header>
        <h2>{title}</h2>
        <button class="icon-button" type="button" aria-label={t('close')} data-testid="sheet-close" onClick={onClose}><Icon name="close" /></button>
      </header>
      <div class="body">{children}</div>
    </dialog>
  );
}

interface ToastLine {
  id: number;
  text: string;
  bad: boolean;
}

const TOAST_MS = 3600;
const lines = signal<readonly ToastLine[]>([]);
let nextToast = 1;

export function toast(text: string, bad = false): void {
  const id = nextToast++;
  lines.value = [...lines.value.slice(-2), { id, text, bad }];
  setTimeout(() => (lines.value = lines.value.filter((line) => line.id !== id)), TOAST_MS);
}

function isSpoken(error: unknown): error is { messageZh: string; messageEn: string } {
  return error instanceof Error && 'messageZh' in error;
}

/** What went wrong, in the reader's language, with what to do. */
export function explain(error: unknown): string {
  return isSpoken(error) ? spoken(error) : String(error);
}

export function toastError(error: unknown): void {
  toast(explain(error), true);
}

/** Shown in the browser's top layer, or an open sheet would cover it. */
export function Toasts() {
  const box = useRef<HTMLDivElement>(null);
  const shown = lines.value;
  useEffect(() => {
    box.current?.hidePopover();
    if (shown.length > 0) box.current?.showPopover();
  }, [shown]);
  return (
    <div class="toasts" ref={box} popover="manual" role="status" aria-live="polite" data-testid="toasts">
      {shown.map((line) => <div key={line.id} class={`toast ${line.bad ? 'bad' : ''}`}>{line.text}</div>)}
    </div>
  );
}

export function CopyButton({ text, testid }: { text: string; testid?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1800);
    } catch {
      toast(text); // no clipboard on plain http away from localhost: show it to be copied by hand
    }
  };
  return (
    <button class="button plain small" type="button" data-testid={testid} onClick={() => void copy()}>
      <Icon name={done ? 'check' : 'copy'} size={16} />{done ? t('copied') : t('copy')}
    </button>
  );
}

/** Runs `work` once at a time and shows what went wrong; for buttons. */
export function useBusy(): [boolean, (work: () => Promise<unknown>) => void] {
  const [busy, setBusy] = useState(false);
  const run = (work: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    work().catch(toastError).finally(() => setBusy(false));
  };
  return [busy, run];
}
