// The print button of a solution: there only where it works.
import { byId } from '../js/dom.js';

const button = byId('print');
button.hidden = false;
button.addEventListener('click', () => print());
