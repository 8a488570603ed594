/** The first page: a new meeting, a link, eight words. */
import type { home as en } from '../en/home.ts';
import type { In } from '../text.ts';

export const home: In<typeof en> = {
  'app.name': 'Grotto',
  'language.label': 'Idioma',
  'app.starting': 'Abriendo la reunión',

  'home.title': 'Reuniones que solo ven y oyen quienes están en ellas',
  'home.what':
    'Grotto ofrece videollamadas en el navegador, cifradas de extremo a extremo: el servidor que las transporta no tiene ninguna clave.',
  'home.new': 'Nueva reunión',
  'home.new.busy': 'Creando la reunión',
  'home.new.failed': 'No se pudo crear la reunión. Recarga la página y inténtalo de nuevo.',
  'home.or': 'o únete a una',
  'home.words': 'Con palabras para dictar',
  'home.words.hint': 'Para personas con las que hablas por teléfono: el secreto del enlace son ocho palabras.',
  'home.install': 'Instalar como aplicación',
  'home.promise': 'Sin cuenta y sin instalar nada. Quien tenga el enlace puede entrar.',

  'words.title': 'Lee esto en voz alta',
  'words.text': 'Quien deba entrar abre {origin} y escribe el nombre de la reunión y las ocho palabras.',
  'words.room': 'Nombre de la reunión',
  'words.list': 'Las ocho palabras',
  'words.secret': 'Dilas solo a quienes deban entrar: las palabras son la clave.',
  'words.open': 'Abrir la reunión',
  'words.copy': 'Copiar el enlace',
  'words.copied': 'Enlace copiado',
  'words.back': 'Volver',
  'words.hint': 'No importan las mayúsculas, las comas ni los guiones.',
  'words.submit': 'Abrir con palabras',
  'words.enter': 'Me han dictado ocho palabras',
  'words.link': 'Tengo un enlace',
  'words.or': 'o escribe sus ocho palabras',
  'words.error.count': 'El secreto tiene ocho palabras; has escrito {count}.',
  'words.error.unknown': 'Esta palabra no está en la lista: «{word}».',
  'words.error.no_room': 'Escribe el nombre de la reunión, tal como te lo dijeron.',
  'words.error.load': 'No se pudo cargar la lista de palabras. Inténtalo de nuevo.',
  'words.suggest': '¿Querías decir «{word}»?',
  'words.suggest.take': 'Usar «{word}»',

  'link.label': 'Enlace de la reunión',
  'link.hint': 'Pega el enlace entero, hasta el final.',
  'link.placeholder': '{origin}/r/…#…',
  'link.open': 'Abrir',
  'link.error.empty': 'Pega primero el enlace de una reunión.',
  'link.error.not_a_link': 'Esto no es el enlace de una reunión. Tiene esta forma: {origin}/r/nombre#secreto.',
  'link.error.other_host': 'Este enlace es de {host}. Ábrelo en la barra de direcciones.',
  'link.error.no_room': 'Este enlace no corresponde a ninguna reunión. Pide el enlace completo.',
  'link.error.no_secret':
    'Falta la parte después del signo #. Sin ella no se puede descifrar nada. Pide el enlace completo.',
  'link.error.bad_secret': 'La parte después del signo # no está completa. Copia otra vez el enlace entero.',
};
