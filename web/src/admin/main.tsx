import { render } from 'preact';
import '../ui/tokens.css';
import '../ui/base.css';
import { Admin } from './admin.tsx';

const root = document.getElementById('app');
if (root) render(<Admin />, root);
