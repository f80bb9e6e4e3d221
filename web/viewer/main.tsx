import { render } from 'preact';
import '../shared/ui/base.css';
import './viewer.css';
import { App } from './app';
import { Viewer } from './model';

const roomId = decodeURIComponent(location.pathname.split('/')[2] ?? '');
render(<App viewer={new Viewer(roomId)} />, document.getElementById('app')!);
