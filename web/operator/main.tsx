import { render } from 'preact';

render(<main>Livefair</main>, document.getElementById('app')!);
