// Two languages, Chinese first. A dictionary is a table of pairs, so a missing translation does not compile.
import { signal } from '@preact/signals';

export type Lang = 'zh' | 'en';
export type Pair = readonly [zh: string, en: string];

const STORED = 'livefair.lang';

function stored(): Lang {
  try {
    return localStorage.getItem(STORED) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh'; // storage may be forbidden; the switch then lasts for this page
  }
}

/** The reader's language; everything drawn from it follows a change at once. */
export const lang = signal<Lang>(stored());

export function switchLang(): void {
  lang.value = lang.value === 'zh' ? 'en' : 'zh';
  document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en';
  try {
    localStorage.setItem(STORED, lang.value);
  } catch {
    // see stored()
  }
}

/** Picks the side of a pair; `{name}` in the text is replaced by `values.name`. */
export function say(pair: Pair, values: Record<string, string | number> = {}): string {
  const text = pair[lang.value === 'zh' ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A page's words: `const t = dictionary({send: ['发送', 'Send']}); t('send')`. */
export function dictionary<K extends string>(pairs: Record<K, Pair>) {
  return (key: K, values?: Record<string, string | number>) => say(pairs[key], values);
}

/** Messages that come from the server in both languages. */
export function spoken(message: { messageZh: string; messageEn: string }): string {
  return lang.value === 'zh' ? message.messageZh || message.messageEn : message.messageEn || message.messageZh;
}
