/** How others get in: the link, a code to scan. */
import type { invite as en } from '../en/invite.ts';
import type { In } from '../text.ts';

export const invite: In<typeof en> = {
  'invite.title': 'Invitar',
  'invite.text':
    'Quien tenga este enlace puede entrar. Es la clave de la reunión: envíalo solo a quienes quieras invitar.',
  'invite.text.keyless': 'Este enlace lleva a la reunión. Sus claves vienen de la página que la muestra.',
  'invite.share': 'Compartir',
  'invite.scan': 'Deja que quien está a tu lado escanee este código con su cámara.',
  'invite.code': 'Código QR del enlace',
  'invite.shown': 'Tu pantalla está compartida: quien vea este código en ella puede entrar.',
  'invite.copy.failed': 'El navegador no dejó copiar el enlace. «Invitar», en «Más», lo muestra como código.',
};
