// Sign-in by name and password, for the pages of hosts and operators.
import { useState } from 'preact/hooks';
import { api } from '../api';
import { dictionary } from '../i18n';
import { Brand, explain, LangSwitch, useBusy } from './parts';

const t = dictionary({
  name: ['账号', 'Account'],
  password: ['密码', 'Password'],
  signIn: ['登录', 'Sign in'],
});

interface GateProps {
  title: string;
  hint: string;
  /** Prefix of the test ids: NAME-name, NAME-password, NAME-sign-in. */
  prefix: string;
  /** Said when somebody is signed in who may not be here. */
  refused?: string;
  onSignedIn: () => void;
}

export function StaffGate({ title, hint, prefix, refused, onSignedIn }: GateProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, run] = useBusy();
  const submit = (event: Event) => {
    event.preventDefault();
    setWrong('');
    run(() => api.staffSignIn(name.trim(), password).then(onSignedIn, (error: unknown) => setWrong(explain(error))));
  };
  return (
    <main class="gate">
      <header><Brand /><LangSwitch /></header>
      <form class="form" onSubmit={submit}>
        <h1>{title}</h1>
        <p class="quiet">{hint}</p>
        {(wrong || refused) && <p class="notice bad" role="alert" data-testid="gate-error">{wrong || refused}</p>}
        <label class="field"><span>{t('name')}</span>
          <input class="input" data-testid={`${prefix}-name`} autocomplete="username" required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="field"><span>{t('password')}</span>
          <input class="input" data-testid={`${prefix}-password`} type="password" autocomplete="current-password" required maxLength={128} value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
        </label>
        <button class="button wide" type="submit" data-testid={`${prefix}-sign-in`} disabled={busy}>{t('signIn')}</button>
      </form>
    </main>
  );
}
