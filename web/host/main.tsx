import { render } from 'preact';
import '../shared/ui/base.css';
import './host.css';
import { App } from './app';
import { HostDesk } from './model';

const roomId = decodeURIComponent(location.pathname.split('/')[2] ?? '');
render(<App desk={new HostDesk(roomId)} />, document.getElementById('app')!);
