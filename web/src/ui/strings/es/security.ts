/** The panel on security: whose keys are how, and which page this is. The rest of its words is in `encryption`. */
import type { security as en } from '../en/security.ts';
import type { In } from '../text.ts';

export const security: In<typeof en> = {
  'security.here': 'Quién está aquí',
  'security.blocked': 'Bloqueados en reuniones anteriores',
  'security.page': 'Qué página es esta',
  'security.page.text':
    'Todos los que recibieron la misma página ven la misma huella. Compárala por una vía distinta de esta página: un servidor que cambia la página podría cambiar también esta línea.',
  'security.page.version': 'Versión del servidor: {version}',
  'security.page.older': 'El servidor ya tiene otra página. Recarga cuando te venga bien.',
  'security.page.differs': 'Lo que el servidor dice de su página no concuerda. Díselo a quien lo gestiona.',
  'security.page.failed': 'El servidor no dijo qué página entrega.',
};
