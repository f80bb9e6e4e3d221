import { render } from 'preact';
import '../shared/ui/base.css';
import './operator.css';
import { App } from './app';
import { Wall } from './model';

render(<App wall={new Wall()} />, document.getElementById('app')!);
