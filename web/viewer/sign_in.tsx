// Sign-in by phone and code. The sandbox hands the code to the page, which says so.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../shared/api';
import { Sheet, toast, useBusy } from '../shared/ui/parts';
import type { Viewer } from './model';
import { t } from './words';

const PHONE = /^1\d{10}$/;
const AGAIN_S = 60;

export function SignInSheet({ viewer, onClose }: { viewer: Viewer; onClose: () => void }) {
  const [phone, setPhone] = useState('');
  const [code, setCode] = useState('');
  const [nickname, setNickname] = useState('');
  const [sandbox, setSandbox] = useState('');
  const [waitS, setWaitS] = useState(0);
  const [busy, run] = useBusy();
  useEffect(() => {
    if (waitS === 0) return;
    const timer = setTimeout(() => setWaitS(waitS - 1), 1000);
    return () => clearTimeout(timer);
  }, [waitS]);

  const getCode = () => {
    if (!PHONE.test(phone)) return toast(t('phoneWrong'), true);
    run(async () => {
      const answer = await api.requestCode(phone);
      setSandbox(answer.sandboxCode);
      if (answer.sandboxCode) setCode(answer.sandboxCode);
      setWaitS(AGAIN_S);
    });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    run(() => viewer.signIn(phone, code, nickname.trim()));
  };
  return (
    <Sheet title={t('signInTitle')} onClose={onClose} testid="sign-in-sheet">
      <form class="form" onSubmit={submit}>
        <label class="field"><span>{t('phone')}</span>
          <input class="input" data-testid="sign-in-phone" type="tel" inputMode="numeric" autocomplete="tel" maxLength={11} required
            value={phone} onInput={(event) => setPhone(event.currentTarget.value.replace(/\D/g, ''))} />
        </label>
        <div class="row code-row">
          <label class="field grow"><span>{t('code')}</span>
            <input class="input" data-testid="sign-in-code" inputMode="numeric" autocomplete="one-time-code" maxLength={8} required
              value={code} onInput={(event) => setCode(event.currentTarget.value.trim())} />
          </label>
          <button class="button plain" type="button" data-testid="sign-in-code-get" disabled={busy || waitS > 0} onClick={getCode}>
            {waitS > 0 ? t('codeAgain', { s: waitS }) : t('getCode')}
          </button>
        </div>
        {sandbox && <p class="notice" role="status" data-testid="sandbox-code">{t('sandboxCode', { code: sandbox })}</p>}
        <label class="field"><span>{t('nickname')}</span>
          <input class="input" data-testid="sign-in-nickname" autocomplete="nickname" maxLength={20} value={nickname} onInput={(event) => setNickname(event.currentTarget.value)} />
        </label>
        <button class="button wide" type="submit" data-testid="sign-in-submit" disabled={busy || code === '' || phone === ''}>{t('signIn')}</button>
        <p class="quiet">{t('signInHint')}</p>
      </form>
    </Sheet>
  );
}
