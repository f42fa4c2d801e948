"""Word lists of the line model: small closed classes that tell prose from page furniture, in eight languages.

Function words, verbs of reporting, pronouns and connectives carry prose; the other classes are the vocabulary of the
furniture around it (related links, pictures, credits, share prompts ...). No names, no topics: a list that grew with
the news of one year would not hold in the next.
"""

from __future__ import annotations

#: Class of words → the words, lower case. A word may be in several classes.
WORD_CLASSES: dict[str, str] = {
    "function": """
        the a an of to in and on for with at by from as is are was were be been being has have had that this
        these those it
        its his her their our your my he she they we you i who whom which what when where while if or but not no
        nor so than
        then there here into onto over under about after before between through during against among out up down
        off again
        also only just more most some any all each other such own same too very can could will would shall should
        may might
        must do does did s t re ve ll d m don didn doesn isn wasn
        der die das den dem des ein eine einen einem einer eines und oder aber nicht mit von zu zum zur im in am
        an auf aus
        bei nach vor für über unter durch gegen ohne um als wie wenn dass ist sind war waren wird werden wurde
        wurden hat
        haben hatte hatten sein seine seinen seiner ihr ihre ihren ihrer er sie es wir ich du man auch noch nur
        schon so sich
        kann können soll sollen muss müssen will wollen mehr sehr diese dieser dieses diesen
        le la les un une des du de et ou mais ne pas que qui dont où à au aux en dans sur sous par pour avec sans
        est sont
        était étaient a ont avait avaient il elle ils elles on nous vous je tu se sa son ses leur leurs ce cette
        ces cet plus
        el los las unos unas del y o pero no que en con por para sin sobre es son era eran fue fueron ha han
        había su sus se
        lo al como más muy también este esta estos estas
        il lo gli uno della dello dei degli delle nel nella nei che chi di da con su per tra fra è sono era erano
        ha hanno
        aveva si non più anche questo questa questi queste suo sua
        o os as um uma dos das no na nos nas pelo pela ao aos que e ou mas não com por para sem sobre é são foi
        foram tem têm
        seu sua seus suas se mais também
        het een van op te met voor niet zijn was waren wordt worden werd heeft hebben had dat die dit deze er ook
        nog maar
        als om uit bij naar hij zij ze hun haar
        في من على إلى عن مع أن إن كان كانت هذا هذه التي الذي قد لا ما لم
    """,
    "reporting": """
        said says told tells added adds reported claimed claims announced explained wrote asked replied confirmed
        denied
        insisted argued believes believed thought knew made became began came went took got gave found left
        showed
        sagte sagt erklärte betonte teilte berichtete meinte fügte kündigte bestätigte
        dit déclaré expliqué ajouté affirmé annoncé estime souligne
        dijo aseguró explicó añadió afirmó señaló indicó anunció
        ha detto spiegato aggiunto dichiarato afferma
        disse afirmou explicou acrescentou zei zegt vertelde liet قال وقال أكد أعلن وأضاف
    """,
    "pronoun": """
        he she they it him them his her their i we er sie es ihm ihn ihnen wir ich il elle ils elles lui leur je
        él ella ellos ellas ele ela eles elas egli lei loro hij zij ze hun hem هو هي هم
    """,
    "connective": """
        but however although though meanwhile because despite according while since until yet still instead
        therefore
        moreover furthermore nevertheless even then later earlier
        aber doch jedoch allerdings zudem außerdem dennoch deshalb daher weil obwohl während laut bereits
        mais cependant pourtant toutefois ainsi selon alors puis car
        pero sin embargo aunque además según mientras porque entonces
        ma però tuttavia inoltre secondo mentre perché quindi
        mas porém contudo embora segundo enquanto porque
        echter hoewel bovendien daarnaast volgens omdat terwijl toch
    """,
    "address": """
        you your yours our us we sie ihr ihre euch dein deine dir uns vous votre vos nous notre tu te tus usted
        su nos
        vi voi vostro tuo tua você seu nosso u uw jij je jouw ons
    """,
    "imperative": """
        click read see watch check follow join get sign scroll visit find learn tell send email download try buy
        shop like
        share vote subscribe register log browse discover listen look view play enter tap swipe meet explore
        enjoy add
        contact call hear take don
        klicken lesen lies sehen folgen folge folgt abonnieren teilen melden anmelden registrieren jetzt hier
        nutze erfahren
        kommentieren diskutieren bestellen
        cliquez lisez voir suivez abonnez inscrivez partagez découvrez retrouvez regardez lire
        haga lea vea siga suscríbete suscríbase comparte descubre mira ver leer
        clicca leggi guarda segui iscriviti condividi scopri
        clique leia veja siga inscreva assine compartilhe descubra assista
        klik lees bekijk volg abonneer schrijf deel ontdek
    """,
    "related": """
        related more also read next previous full coverage story stories article articles recommended popular
        trending
        latest complete see here below live updates report reports exclusive opinion analysis gallery slideshow
        link links
        mehr thema themen weitere weiterlesen siehe auch lesen artikel beitrag beiträge meistgelesen verwandte
        zum
        aussi plus lire article articles suite également connexe
        también relacionado relacionados más noticias leer nota artículo interesar
        anche correlati leggi articolo articoli altro
        também leia mais notícias relacionadas matéria
        ook meer lees artikel artikelen gerelateerd
        اقرأ أيضا المزيد
    """,
    "media": """
        photo photos photograph photographs photographer photography picture pictures image images video videos
        footage
        gallery slideshow screenshot screengrab screencap screen grab file handout courtesy graphic illustration
        caption
        camera still clip infographic map stock
        foto fotos bild bilder bildergalerie fotostrecke galerie symbolbild symbolfoto archivbild archiv fotograf
        aufnahme
        grafik quelle
        image images vidéo vidéos illustration crédit légende diaporama capture archives
        foto fotos fotografía imagen imágenes vídeo galería archivo captura
        immagine immagini fotografia galleria archivio
        imagem imagens reprodução divulgação arquivo
        beeld afbeelding foto صورة صور فيديو
    """,
    "agency": """
        reuters ap afp getty dpa efe ansa pa epa rex shutterstock wireimage corbis splash cnn bbc abc nbc cbs ap
        associated
        press agence france presse upi tass xinhua apa sda kna epd sid imago picture alliance ddp istock
        istockphoto fotolia
        adobe pixabay unsplash pexels flickr wikimedia wikipedia wenn alamy zuma filmmagic instagram facebook
        twitter youtube
        belga anp lusa bloomberg barcroft caters swns newscom handout afpti رويترز
    """,
    "byline": """
        by reporter correspondent editor editors author writer journalist contributor contributed contributing
        reporting
        editing writing additional edited written staff follow email bureau desk columnist freelance with
        von autor autorin redaktion redakteur redakteurin verfasser reporterin korrespondent mitarbeit
        par auteur rédaction rédacteur journaliste correspondant
        por redacción autor autora periodista corresponsal redactor
        di redazione autore giornalista redação repórter jornalista
        door redactie auteur verslaggever redacteur
    """,
    "social": """
        share shares like likes comment comments tweet tweets retweet facebook twitter instagram pinterest
        whatsapp linkedin
        youtube telegram reddit email print thoughts fans followers follow hashtag
        teilen kommentar kommentare kommentieren gefällt drucken mailen leserbrief
        partager commentaire commentaires aimer imprimer compartir comentario comentarios imprimir condividi
        commenti
        commento stampa compartilhar comentários delen reacties reactie afdrukken
    """,
    "signup": """
        subscribe subscribed subscription subscriber subscribers newsletter newsletters inbox signup sign
        register account
        login log password app apps download donate donation support membership member free trial offer alerts
        email emails
        notification notifications delivered daily
        abonnieren abo abonnement abonnenten newsletter anmelden anmeldung registrieren kostenlos kostenfrei
        spenden konto
        s'abonner abonné abonnés abonnez inscription inscrivez gratuit gratuite courriel
        suscríbete suscripción suscríbase boletín gratis regístrate correo
        iscriviti abbonati abbonamento gratuita assine assinatura cadastre boletim
        abonneer abonnee nieuwsbrief aanmelden gratis
    """,
    "legal": """
        copyright rights reserved terms conditions privacy policy cookie cookies disclaimer permission
        republished
        redistributed rewritten broadcast trademark liability license licensed creative commons
        rechte vorbehalten urheberrecht datenschutz impressum haftung gewähr nutzungsbedingungen agb
        droits réservés confidentialité mentions légales conditions
        derechos reservados privacidad términos condiciones diritti riservati riproduzione riservata
        direitos privacidade rechten voorbehouden privacybeleid voorwaarden
    """,
    "scene": """
        pictured photographed shown seen above left right below centre center top bottom clockwise background
        foreground
        poses posing poses pose shows showing holds holding stands standing sits sitting walks walking arrives
        arriving
        leaves leaving attends attending speaks speaking looks looking waves smiles smiling wearing wears
        performs
        performing celebrates celebrating carries carrying gestures listens watches greets undated depicts
        links rechts oben unten mitte zeigt steht sitzt abgebildet hält
        gauche droite dessus dessous centre montre pose
        izquierda derecha arriba abajo centro muestra posa
        sinistra destra sopra sotto mostra esquerda direita acima abaixo mostra links rechts midden toont
    """,
    "calendar": """
        january february march april june july august september october november december jan feb mar apr jun jul
        aug
        sept sep oct nov dec monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow
        januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag
        sonnabend
        sonntag heute gestern
        janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi
        jeudi vendredi
        samedi dimanche
        enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes martes
        miércoles
        jueves viernes sábado domingo
        gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
        janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
        januari februari maart mei augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    """,
    "update": """
        updated update updates published posted modified first developing breaking story ago min mins minute
        minutes hours
        am pm est edt gmt et bst cet continues tuned check back refresh information becomes available originally
        appeared
        aktualisiert veröffentlicht uhr stand erschienen datum eilmeldung vor
        publié mis jour actualisé actualizado publicado hora aggiornato pubblicato ore atualizado às
        bijgewerkt gepubliceerd uur
    """,
    "navigation": """
        home menu search tags tag topics topic next previous page pages back skip content navigation sections
        section loading
        load javascript enable player poll vote results view show hide close expand all advertisement ad ads
        sponsored
        promoted scroll mobile device browser error processing required click continue
        startseite menü suche schlagwörter seite zurück weiter anzeige werbung übersicht inhalt nach
        inhaltsverzeichnis
        accueil recherche page suivant précédent publicité sommaire
        inicio buscar página siguiente anterior publicidad etiquetas
        cerca pagina precedente successivo pubblicità busca próxima publicidade
        zoeken pagina volgende vorige advertentie إعلان
    """,
}

CLASS_NAMES: tuple[str, ...] = tuple(WORD_CLASSES)
