// A panel whose code and figures are loaded when somebody opens it.
import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import { useBusy } from '../shared/ui/parts';
import type { Wall } from './model';
import { t } from './words';

interface PanelProps {
  title: string;
  hint: string;
  testid: string;
  wall: Wall;
  load: () => Promise<ComponentType<{ wall: Wall }>>;
}

export function FoldedPanel({ title, hint, testid, wall, load }: PanelProps) {
  const [Body, setBody] = useState<ComponentType<{ wall: Wall }>>();
  const [isOpen, setOpen] = useState(false);
  const [busy, run] = useBusy();
  const toggle = () => {
    setOpen(!isOpen);
    if (!Body) run(async () => {
      const body = await load();
      setBody(() => body); // a component is a function: not to be called as an update
    });
  };
  return (
    <section class="panel" aria-label={title}>
      <header><h2>{title}</h2><button class="ghost" type="button" data-testid={testid} aria-expanded={isOpen} aria-label={`${t(isOpen ? 'fold' : 'unfold')} ${title}`} onClick={toggle}>{t(isOpen ? 'fold' : 'unfold')}</button></header>
      {!isOpen && <p class="as-of">{hint}</p>}
      {isOpen && (Body ? <Body wall={wall} /> : busy && <p><span class="spinner" /></p>)}
    </section>
  );
}
