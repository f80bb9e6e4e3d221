import { render } from 'preact';
import '../shared/ui/base.css';
import './home.css';
import { App } from './app';

render(<App />, document.getElementById('app')!);
