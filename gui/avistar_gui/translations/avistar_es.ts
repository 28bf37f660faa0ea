<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>About Avistar</source>
        <translation>Acerca de Avistar</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Versión {version}</translation>
    </message>
    <message>
        <source>Tells which animal species is in a photo. Nothing is sent anywhere.</source>
        <translation>Dice qué especie animal aparece en una foto. No se envía nada a ninguna parte.</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Open &amp;photos…</source>
        <translation>Abrir &amp;fotos…</translation>
    </message>
    <message>
        <source>Open &amp;folder…</source>
        <translation>Abrir &amp;carpeta…</translation>
    </message>
    <message>
        <source>Choose &amp;model…</source>
        <translation>Elegir &amp;modelo…</translation>
    </message>
    <message>
        <source>Mer&amp;ge surveys…</source>
        <translation>&amp;Unir muestreos…</translation>
    </message>
    <message>
        <source>C&amp;lose survey</source>
        <translation>Ce&amp;rrar el muestreo</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Salir</translation>
    </message>
    <message>
        <source>Start &amp;identifying</source>
        <translation>&amp;Empezar a identificar</translation>
    </message>
    <message>
        <source>S&amp;top identifying</source>
        <translation>&amp;Detener</translation>
    </message>
    <message>
        <source>&amp;Continue identifying</source>
        <translation>C&amp;ontinuar</translation>
    </message>
    <message>
        <source>Su&amp;rvey options…</source>
        <translation>Opciones del &amp;muestreo…</translation>
    </message>
    <message>
        <source>&amp;Search names and folders</source>
        <translation>&amp;Buscar nombres y carpetas</translation>
    </message>
    <message>
        <source>More &amp;filters…</source>
        <translation>Más &amp;filtros…</translation>
    </message>
    <message>
        <source>Lar&amp;ger tiles</source>
        <translation>Miniaturas más &amp;grandes</translation>
    </message>
    <message>
        <source>S&amp;maller tiles</source>
        <translation>Miniaturas más pe&amp;queñas</translation>
    </message>
    <message>
        <source>&amp;Problems</source>
        <translation>&amp;Problemas</translation>
    </message>
    <message>
        <source>&amp;Undo review</source>
        <translation>&amp;Deshacer revisión</translation>
    </message>
    <message>
        <source>&amp;Redo review</source>
        <translation>&amp;Rehacer revisión</translation>
    </message>
    <message>
        <source>&amp;Accept the answers of the chosen photos</source>
        <translation>&amp;Aceptar las respuestas de las fotos elegidas</translation>
    </message>
    <message>
        <source>S&amp;ettings…</source>
        <translation>&amp;Ajustes…</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>&amp;Teclas</translation>
    </message>
    <message>
        <source>&amp;User guide</source>
        <translation>&amp;Guía de uso</translation>
    </message>
    <message>
        <source>&amp;Report for support…</source>
        <translation>&amp;Informe para soporte…</translation>
    </message>
    <message>
        <source>&amp;About Avistar</source>
        <translation>&amp;Acerca de Avistar</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Archivo</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Edición</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ver</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>A&amp;yuda</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Idioma</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Tema</translation>
    </message>
</context>
<context>
    <name>Analysis</name>
    <message>
        <source>Right</source>
        <translation>Acierto</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Error</translation>
    </message>
    <message>
        <source>By species</source>
        <translation>Por especie</translation>
    </message>
    <message>
        <source>By answer</source>
        <translation>Por respuesta</translation>
    </message>
    <message>
        <source>Right or wrong</source>
        <translation>Acierto o error</translation>
    </message>
    <message>
        <source>{head}: {photos}, {share} of its {total}</source>
        <translation>{head}: {photos}, el {share} de sus {total}</translation>
    </message>
    <message>
        <source>{species} called by its name</source>
        <translation>{species}, bien identificado</translation>
    </message>
    <message>
        <source>{species} called {answer}</source>
        <translation>{species} identificado como {answer}</translation>
    </message>
    <message>
        <source>All photos of {species}</source>
        <translation>Todas las fotos de {species}</translation>
    </message>
    <message>
        <source>Everything called {species}</source>
        <translation>Todo lo identificado como {species}</translation>
    </message>
    <message>
        <source>Looking at the photos: {done} of {total}</source>
        <translation>Mirando las fotos: {done} de {total}</translation>
    </message>
    <message>
        <source>Comparing the photos with each other</source>
        <translation>Comparando las fotos entre sí</translation>
    </message>
    <message>
        <source>Laying out the map: step {done} of {total}</source>
        <translation>Trazando el mapa: paso {done} de {total}</translation>
    </message>
    <message>
        <source>These photos have no map.</source>
        <translation>Estas fotos no tienen mapa.</translation>
    </message>
    <message>
        <source>A map needs the model that answered these photos, {model}, on this computer.</source>
        <translation>El mapa necesita en este equipo el modelo que identificó estas fotos: {model}.</translation>
    </message>
    <message>
        <source>A map needs scikit-learn, which is not installed here: {command}</source>
        <translation>El mapa necesita scikit-learn, que no está instalado aquí: {command}</translation>
    </message>
    <message>
        <source>A map needs at least four photos.</source>
        <translation>Un mapa necesita al menos cuatro fotos.</translation>
    </message>
    <message>
        <source>On the map, photos that look alike to the network lie close together. To make it, the network looks at your photos once more; that takes minutes, and you can go on meanwhile.</source>
        <translation>En el mapa quedan cerca las fotos que a la red le parecen semejantes. Para hacerlo, la red mira sus fotos una vez más; tarda minutos, y entretanto puede seguir trabajando.</translation>
    </message>
    <message>
        <source>Not on the map yet: {photos}</source>
        <translation>Aún no están en el mapa: {photos}</translation>
    </message>
    <message>
        <source>{placed} of {total} photos are on the map</source>
        <translation>{placed} de {total} fotos están en el mapa</translation>
    </message>
    <message>
        <source>With 95 % certainty between {low} and {high}</source>
        <translation>Con un 95 % de certeza, entre {low} y {high}</translation>
    </message>
    <message>
        <source>Top-1</source>
        <translation>Top-1</translation>
    </message>
    <message>
        <source>Top-3</source>
        <translation>Top-3</translation>
    </message>
    <message>
        <source>The species is among the three likeliest</source>
        <translation>La especie está entre las tres más probables</translation>
    </message>
    <message>
        <source>Macro-F1</source>
        <translation>F1 macro</translation>
    </message>
    <message>
        <source>Calibration error</source>
        <translation>Error de calibración</translation>
    </message>
    <message>
        <source>How far confidence and truth lie apart, on average, over {photos}</source>
        <translation>Cuánto distan la confianza y la verdad, en promedio, en {photos}</translation>
    </message>
    <message>
        <source>is: {species}</source>
        <translation>es: {species}</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Sensibilidad</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisión</translation>
    </message>
    <message>
        <source>By group</source>
        <translation>Por grupo</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Por nombre</translation>
    </message>
    <message>
        <source>Most errors first</source>
        <translation>Más errores primero</translation>
    </message>
    <message>
        <source>{model} ({artifact}), judged by your reviews. Only reviewed photos count: accepting answers at a glance makes it look better than it is, reviewing the least sure first makes it look worse.</source>
        <translation>{model} ({artifact}), juzgado según sus revisiones. Solo cuentan las fotos revisadas: aceptar respuestas de un vistazo lo hace parecer mejor de lo que es; revisar primero las menos seguras, peor.</translation>
    </message>
    <message>
        <source>more labels, in no photo and no answer: {number}</source>
        <translation>otras etiquetas, en ninguna foto ni respuesta: {number}</translation>
    </message>
    <message>
        <source>No photo of this survey was both identified and reviewed as one of the species. Review some under Identify: press 1 to accept an answer, R to say another species.</source>
        <translation>Ninguna foto de este muestreo fue a la vez identificada y revisada como una de las especies. Revise algunas en Identificar: pulse 1 para aceptar una respuesta, R para decir otra especie.</translation>
    </message>
    <message>
        <source>Show the {number} that were named</source>
        <translation>Ver las {number} que recibieron una especie</translation>
    </message>
    <message>
        <source>Named, though none of the species</source>
        <translation>Recibieron una especie sin mostrar ninguna</translation>
    </message>
    <message>
        <source>No survey is open. Drop a folder under Identify and review it, or choose another survey above.</source>
        <translation>No hay ningún muestreo abierto. Suelte una carpeta en Identificar y revísela, o elija otro muestreo arriba.</translation>
    </message>
    <message>
        <source>{bundle}: test photos</source>
        <translation>{bundle}: fotos de prueba</translation>
    </message>
    <message>
        <source>My reviewed photos</source>
        <translation>Mis fotos revisadas</translation>
    </message>
    <message>
        <source>Compared on the {photos} that both answered.</source>
        <translation>Comparados en {photos} que ambos identificaron.</translation>
    </message>
    <message>
        <source>Both are right on the same photos.</source>
        <translation>Ambos aciertan en las mismas fotos.</translation>
    </message>
    <message>
        <source>More than chance: equally good ones would differ so much in {share} of cases.</source>
        <translation>Más que azar: dos igual de buenos diferirían tanto en el {share} de los casos.</translation>
    </message>
    <message>
        <source>May be chance: equally good ones differ as much in {share} of cases.</source>
        <translation>Puede ser azar: dos igual de buenos difieren tanto en el {share} de los casos.</translation>
    </message>
    <message>
        <source>{name}: {answer} {share}, ahead by {points} points</source>
        <translation>{name}: {answer} {share}, con {points} puntos de ventaja</translation>
    </message>
    <message>
        <source>{artifact} has not answered all of these photos on this computer yet.</source>
        <translation>{artifact} aún no ha identificado todas estas fotos en este equipo.</translation>
    </message>
    <message>
        <source>It would look at {photos} in the background; the answers are kept.</source>
        <translation>Miraría {photos} en segundo plano; las respuestas se guardan.</translation>
    </message>
    <message>
        <source>These two answered no photo in common, so there is nothing to compare.</source>
        <translation>Estos dos no identificaron ninguna foto en común: no hay nada que comparar.</translation>
    </message>
</context>
<context>
    <name>AnalysisController</name>
    <message>
        <source>Reading…</source>
        <translation>Leyendo…</translation>
    </message>
    <message>
        <source>All correct</source>
        <translation>Aciertos</translation>
    </message>
    <message>
        <source>All errors</source>
        <translation>Errores</translation>
    </message>
    <message>
        <source>From the map</source>
        <translation>Del mapa</translation>
    </message>
    <message>
        <source>All photos</source>
        <translation>Todas las fotos</translation>
    </message>
    <message>
        <source>Only {bundle} is right: {number}</source>
        <translation>Solo acierta {bundle}: {number}</translation>
    </message>
    <message>
        <source>Both are wrong: {number}</source>
        <translation>Fallan ambos: {number}</translation>
    </message>
    <message>
        <source>Different answers: {number}</source>
        <translation>Respuestas distintas: {number}</translation>
    </message>
    <message>
        <source>{found} of {asked} photos were found.</source>
        <translation>Se encontraron {found} de {asked} fotos.</translation>
    </message>
    <message>
        <source>None of these photos lies in that folder.</source>
        <translation>Ninguna de estas fotos está en esa carpeta.</translation>
    </message>
    <message>
        <source>The photos are not on this computer; figures and map need none.</source>
        <translation>Las fotos no están en este equipo; las cifras y el mapa no las necesitan.</translation>
    </message>
    <message>
        <source>There is no bundle with an analysis here.</source>
        <translation>Aquí no hay ningún paquete con análisis.</translation>
    </message>
</context>
<context>
    <name>AnalysisPage</name>
    <message>
        <source>Compare with</source>
        <translation>Comparar con</translation>
    </message>
    <message>
        <source>none</source>
        <translation>ninguno</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Photos that are judged</source>
        <translation>Fotos que se juzgan</translation>
    </message>
    <message>
        <source>Another survey…</source>
        <translation>Otro muestreo…</translation>
    </message>
    <message>
        <source>Surveys (*.avistar)</source>
        <translation>Muestreos (*.avistar)</translation>
    </message>
    <message>
        <source>Choose a survey</source>
        <translation>Elegir un muestreo</translation>
    </message>
    <message>
        <source>The folder of the photos</source>
        <translation>La carpeta de las fotos</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tablas (*.csv)</translation>
    </message>
    <message>
        <source>Save the table of species</source>
        <translation>Guardar la tabla de especies</translation>
    </message>
</context>
<context>
    <name>AnswerPanel</name>
    <message>
        <source>And also: a species by its key, or R. Esc cancels.</source>
        <translation>Y además: una especie con su tecla, o R. Esc cancela.</translation>
    </message>
    <message>
        <source>Another… (R)</source>
        <translation>Otra… (R)</translation>
    </message>
    <message>
        <source>Add another… (Y)</source>
        <translation>Añadir otra… (Y)</translation>
    </message>
    <message>
        <source>No photo selected</source>
        <translation>Ninguna foto seleccionada</translation>
    </message>
    <message>
        <source>Select one in the grid with the mouse or the arrow keys.</source>
        <translation>Seleccione una en la cuadrícula con el ratón o las flechas.</translation>
    </message>
    <message>
        <source>Draw a box around it; M puts one in the middle.</source>
        <translation>Dibuje un recuadro alrededor; M pone uno en el centro.</translation>
    </message>
    <message>
        <source>If it were one of the known species:</source>
        <translation>Si fuera una de las especies conocidas:</translation>
    </message>
    <message>
        <source>Unknown (U)</source>
        <translation>Desconocido (U)</translation>
    </message>
    <message>
        <source>No animal (N)</source>
        <translation>Sin animal (N)</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Rehacer</translation>
    </message>
    <message>
        <source>Another species: type its name, also a new one</source>
        <translation>Otra especie: escriba su nombre, también uno nuevo</translation>
    </message>
    <message>
        <source>Add another species to what is there</source>
        <translation>Añadir otra especie a lo que ya hay</translation>
    </message>
    <message>
        <source>Not identified</source>
        <translation>Sin identificar</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>En espera</translation>
    </message>
    <message>
        <source>This photo has not been identified yet.</source>
        <translation>Esta foto aún no se ha identificado.</translation>
    </message>
    <message>
        <source>The detector found nothing; V accepts that.</source>
        <translation>El detector no encontró nada; V lo acepta.</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Close this message</source>
        <translation>Cerrar este mensaje</translation>
    </message>
</context>
<context>
    <name>BuildDialog</name>
    <message>
        <source>Build engine</source>
        <translation>Construir motor</translation>
    </message>
    <message>
        <source>the bundle&apos;s golden pictures</source>
        <translation>las imágenes de referencia del paquete</translation>
    </message>
    <message>
        <source>Build</source>
        <translation>Construir</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>This computer has no NVIDIA GPU, or no driver for one: an engine can&apos;t be built here.</source>
        <translation>Este ordenador no tiene una GPU de NVIDIA o le falta su controlador: aquí no se puede construir un motor.</translation>
    </message>
    <message>
        <source>Build an engine for this computer</source>
        <translation>Construir un motor para este equipo</translation>
    </message>
    <message>
        <source>An engine is fast, and runs only where it was built. It is kept only if it still sees the same as the model. Building takes minutes and uses the GPU.</source>
        <translation>Un motor es rápido y solo funciona donde se construyó. Se guarda solo si ve lo mismo que el modelo. Construirlo lleva minutos y usa la GPU.</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Elegir…</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisión</translation>
    </message>
    <message>
        <source>Judged on photos</source>
        <translation>Fotos para evaluarlo</translation>
    </message>
    <message>
        <source>The photo folder that training read</source>
        <translation>La carpeta de fotos que leyó el entrenamiento</translation>
    </message>
</context>
<context>
    <name>CameraController</name>
    <message>
        <source>The model is not open yet; try again in a moment.</source>
        <translation>El modelo aún no está abierto; inténtelo en un momento.</translation>
    </message>
    <message>
        <source>{rate} frames per second, {age} ms behind</source>
        <translation>{rate} fotogramas por segundo, {age} ms de retraso</translation>
    </message>
    <message>
        <source>The camera is not responding. Trying to reconnect…</source>
        <translation>La cámara no responde. Intentando volver a conectar…</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>Reintentar ahora</translation>
    </message>
    <message>
        <source>Something went wrong.</source>
        <translation>Algo ha fallado.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>Saved: {file}</source>
        <translation>Guardada: {file}</translation>
    </message>
</context>
<context>
    <name>CameraPage</name>
    <message>
        <source>Camera {number}</source>
        <translation>Cámara {number}</translation>
    </message>
    <message>
        <source>Video file…</source>
        <translation>Archivo de vídeo…</translation>
    </message>
    <message>
        <source>Network address…</source>
        <translation>Dirección de red…</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>No se encontró ninguna cámara</translation>
    </message>
    <message>
        <source>Nothing to see yet</source>
        <translation>Aún no hay nada que ver</translation>
    </message>
    <message>
        <source>Choose a camera or a video, then press Start.</source>
        <translation>Elija una cámara o un vídeo y pulse Iniciar.</translation>
    </message>
    <message>
        <source>Save to…</source>
        <translation>Guardar en…</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>Guardar imagen</translation>
    </message>
    <message>
        <source>Save the frozen picture and identify it with the survey (S)</source>
        <translation>Guardar la imagen congelada e identificarla con el muestreo (S)</translation>
    </message>
    <message>
        <source>The folder that saved pictures go to</source>
        <translation>La carpeta a la que van las imágenes guardadas</translation>
    </message>
    <message>
        <source>Camera or video</source>
        <translation>Cámara o vídeo</translation>
    </message>
    <message>
        <source>What the camera shows</source>
        <translation>Lo que muestra la cámara</translation>
    </message>
    <message>
        <source>Videos ({patterns})</source>
        <translation>Vídeos ({patterns})</translation>
    </message>
    <message>
        <source>Video file</source>
        <translation>Archivo de vídeo</translation>
    </message>
    <message>
        <source>Network address</source>
        <translation>Dirección de red</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Iniciar</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Seguir</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>Congelar</translation>
    </message>
    <message>
        <source>Let the picture stand still (Space)</source>
        <translation>Congelar la imagen (Espacio)</translation>
    </message>
</context>
<context>
    <name>CareNumbers</name>
    <message numerus="yes">
        <source>Merged: {number} step(s) of reviewing came in.</source>
        <translation>
            <numerusform>Unido: se incorporó {number} paso de revisión.</numerusform>
            <numerusform>Unido: se incorporaron {number} pasos de revisión.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>People disagree on {number} photo(s).</source>
        <translation>
            <numerusform>Hay desacuerdo en {number} foto.</numerusform>
            <numerusform>Hay desacuerdo en {number} fotos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) of the other survey aren&apos;t in this folder.</source>
        <translation>
            <numerusform>{number} foto del otro muestreo no está en esta carpeta.</numerusform>
            <numerusform>{number} fotos del otro muestreo no están en esta carpeta.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} row(s) could not be read; photos without an answer wait again.</source>
        <translation>
            <numerusform>{number} fila no se pudo leer; las fotos sin respuesta quedan de nuevo en espera.</numerusform>
            <numerusform>{number} filas no se pudieron leer; las fotos sin respuesta quedan de nuevo en espera.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ChangesModel</name>
    <message>
        <source>By how many points the answer is ahead of the next likeliest species</source>
        <translation>Cuántos puntos aventaja la respuesta a la siguiente especie más probable</translation>
    </message>
    <message>
        <source>Ahead by</source>
        <translation>Ventaja</translation>
    </message>
    <message>
        <source>Shows</source>
        <translation>Muestra</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
</context>
<context>
    <name>Charts</name>
    <message>
        <source>Confidence</source>
        <translation>Confianza</translation>
    </message>
    <message>
        <source>Share of right answers</source>
        <translation>Proporción de aciertos</translation>
    </message>
    <message>
        <source>{photos}: confidence {confidence} on average, {accuracy} right</source>
        <translation>{photos}: confianza media {confidence}, {accuracy} de aciertos</translation>
    </message>
    <message>
        <source>Learning curves are of a bundle&apos;s training; your photos were only judged. Choose a bundle&apos;s test photos above to see its curves.</source>
        <translation>Las curvas de aprendizaje son del entrenamiento de un paquete; sus fotos solo se juzgaron. Elija arriba las fotos de prueba de un paquete para ver sus curvas.</translation>
    </message>
    <message>
        <source>This bundle keeps no record of its training.</source>
        <translation>Este paquete no conserva registro de su entrenamiento.</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Exactitud</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Pérdida</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>Época</translation>
    </message>
    <message>
        <source>validation</source>
        <translation>validación</translation>
    </message>
    <message>
        <source>training</source>
        <translation>entrenamiento</translation>
    </message>
</context>
<context>
    <name>ClockDialog</name>
    <message>
        <source>Clock of {camera}</source>
        <translation>Reloj de {camera}</translation>
    </message>
    <message>
        <source>all photos of the camera</source>
        <translation>todas las fotos de la cámara</translation>
    </message>
    <message>
        <source>this photo and those after it</source>
        <translation>esta foto y las siguientes</translation>
    </message>
    <message>
        <source>This &amp;photo</source>
        <translation>Esta &amp;foto</translation>
    </message>
    <message>
        <source>was &amp;taken at</source>
        <translation>se &amp;tomó el</translation>
    </message>
    <message>
        <source>so to the clock is &amp;added</source>
        <translation>así que al reloj se le &amp;suma</translation>
    </message>
    <message>
        <source>&amp;for</source>
        <translation>&amp;para</translation>
    </message>
    <message>
        <source>Write a shift such as +1:00:00, -0:30 or 3 d 0:00.</source>
        <translation>Escriba una corrección como +1:00:00, -0:30 o 3 d 0:00.</translation>
    </message>
    <message>
        <source>This is for all photos of the camera. What the camera said is kept.</source>
        <translation>Vale para todas las fotos de la cámara. Lo que marcaba la cámara se conserva.</translation>
    </message>
    <message>
        <source>This is for photos that the camera dates {since} or later. What it said is kept.</source>
        <translation>Vale para las fotos que la cámara fecha desde {since}. Lo que dijo se conserva.</translation>
    </message>
    <message>
        <source>This is for photos that the camera dates {since} to {until}. What it said is kept.</source>
        <translation>Vale para las fotos que la cámara fecha entre {since} y {until}. Lo que dijo se conserva.</translation>
    </message>
</context>
<context>
    <name>ComparisonController</name>
    <message>
        <source>To answer them it needs the photos: press Locate photos… first.</source>
        <translation>Para identificarlas necesita las fotos: pulse antes Localizar fotos…</translation>
    </message>
    <message>
        <source>Answer them</source>
        <translation>Identificarlas</translation>
    </message>
    <message>
        <source>One thing at a time: wait for what is at work, or cancel it.</source>
        <translation>Una cosa a la vez: espere a que termine lo que está en marcha, o cancélelo.</translation>
    </message>
    <message>
        <source>{artifact} answers the photos</source>
        <translation>{artifact} identifica las fotos</translation>
    </message>
</context>
<context>
    <name>ContextMenus</name>
    <message>
        <source>Side by side</source>
        <translation>Una junto a otra</translation>
    </message>
    <message>
        <source>Accept the answer</source>
        <translation>Aceptar la respuesta</translation>
    </message>
    <message>
        <source>Another species…</source>
        <translation>Otra especie…</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Desconocido</translation>
    </message>
    <message>
        <source>No animal</source>
        <translation>Sin animal</translation>
    </message>
    <message>
        <source>A person</source>
        <translation>Una persona</translation>
    </message>
    <message>
        <source>Choose the whole burst</source>
        <translation>Elegir toda la ráfaga</translation>
    </message>
    <message>
        <source>Identify again</source>
        <translation>Identificar de nuevo</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Mostrar en la carpeta</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Copiar la ruta</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Mostrar la carpeta</translation>
    </message>
    <message>
        <source>Show the survey&apos;s file</source>
        <translation>Mostrar el archivo del muestreo</translation>
    </message>
    <message>
        <source>Remove from this list (its file stays)</source>
        <translation>Quitar de esta lista (el archivo se conserva)</translation>
    </message>
    <message>
        <source>Back to all photos</source>
        <translation>Volver a todas las fotos</translation>
    </message>
    <message>
        <source>Show large</source>
        <translation>Ver en grande</translation>
    </message>
</context>
<context>
    <name>Deployments</name>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Lugar</translation>
    </message>
    <message>
        <source>Place ID</source>
        <translation>ID del lugar</translation>
    </message>
    <message>
        <source>Latitude</source>
        <translation>Latitud</translation>
    </message>
    <message>
        <source>Longitude</source>
        <translation>Longitud</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Inicio</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Fin</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Zona horaria</translation>
    </message>
    <message>
        <source>Camera ID</source>
        <translation>ID de cámara</translation>
    </message>
    <message>
        <source>Camera model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Reloj</translation>
    </message>
    <message>
        <source>The camera&apos;s folder below the survey&apos;s; the longest that holds a photo counts</source>
        <translation>La carpeta de la cámara dentro de la del estudio; vale la más larga que contiene la foto</translation>
    </message>
    <message>
        <source>Degrees, WGS 84, such as 40.4168</source>
        <translation>Grados, WGS 84, como 40.4168</translation>
    </message>
    <message>
        <source>Degrees, WGS 84, such as -3.7038</source>
        <translation>Grados, WGS 84, como -3.7038</translation>
    </message>
    <message>
        <source>When the camera began to watch, such as 2026-03-01 09:30</source>
        <translation>Cuándo empezó a vigilar la cámara, como 2026-03-01 09:30</translation>
    </message>
    <message>
        <source>When the camera stopped watching</source>
        <translation>Cuándo dejó de vigilar la cámara</translation>
    </message>
    <message>
        <source>Of the camera&apos;s clock: +02:00, or Europe/Madrid if it changes to summer time</source>
        <translation>La del reloj de la cámara: +02:00, o Europe/Madrid si cambia al horario de verano</translation>
    </message>
    <message>
        <source>What is added to the camera&apos;s clock, such as +1:00:00</source>
        <translation>Lo que se suma al reloj de la cámara, como +1:00:00</translation>
    </message>
    <message>
        <source>From the photos; write over it where it is wrong</source>
        <translation>Sale de las fotos; escriba encima si no es correcto</translation>
    </message>
    <message>
        <source>needed</source>
        <translation>falta</translation>
    </message>
    <message>
        <source>Open a survey first: its cameras are listed here.</source>
        <translation>Abra antes un estudio: aquí aparecen sus cámaras.</translation>
    </message>
    <message>
        <source>Cameras: {number}</source>
        <translation>Cámaras: {number}</translation>
    </message>
    <message>
        <source>cells that make no sense: {number}</source>
        <translation>celdas sin sentido: {number}</translation>
    </message>
    <message>
        <source>cells that Camtrap DP still needs: {number}</source>
        <translation>celdas que le faltan a Camtrap DP: {number}</translation>
    </message>
    <message>
        <source>complete for Camtrap DP</source>
        <translation>completo para Camtrap DP</translation>
    </message>
    <message>
        <source>Grey cells come from the photos. Type to change one, paste from a spreadsheet with Ctrl+V, undo with Ctrl+Z.</source>
        <translation>Las celdas grises salen de las fotos. Escriba para cambiar una, pegue desde una hoja de cálculo con Ctrl+V y deshaga con Ctrl+Z.</translation>
    </message>
</context>
<context>
    <name>DeploymentsPage</name>
    <message>
        <source>Where and when each camera stood</source>
        <translation>Dónde y cuándo estuvo cada cámara</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Cámaras</translation>
    </message>
    <message>
        <source>&amp;Clock…</source>
        <translation>&amp;Reloj…</translation>
    </message>
    <message>
        <source>The camera&apos;s clock was wrong: set all its photos right</source>
        <translation>El reloj de la cámara estaba mal: corregir la hora de todas sus fotos</translation>
    </message>
    <message>
        <source>&amp;Split by subfolder</source>
        <translation>&amp;Dividir por subcarpetas</translation>
    </message>
    <message>
        <source>Each folder in this one is a camera of its own</source>
        <translation>Cada carpeta dentro de esta es una cámara distinta</translation>
    </message>
    <message>
        <source>&amp;Forget</source>
        <translation>&amp;Olvidar</translation>
    </message>
    <message>
        <source>Take back all that was written about this folder</source>
        <translation>Retirar todo lo escrito sobre esta carpeta</translation>
    </message>
    <message>
        <source>&amp;Project…</source>
        <translation>&amp;Proyecto…</translation>
    </message>
    <message>
        <source>Whose survey it is, for Camtrap DP</source>
        <translation>De quién es el estudio, para Camtrap DP</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>D&amp;eshacer</translation>
    </message>
    <message>
        <source>Take the last change of this table back (Ctrl+Z)</source>
        <translation>Deshacer el último cambio de esta tabla (Ctrl+Z)</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>unreadable in this file</source>
        <translation>ilegible en este archivo</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Tomada</translation>
    </message>
    <message>
        <source>Camera&apos;s clock</source>
        <translation>Reloj de la cámara</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Lugar</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Cámara</translation>
    </message>
    <message>
        <source>flash</source>
        <translation>con flash</translation>
    </message>
    <message>
        <source>no flash</source>
        <translation>sin flash</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Exposición</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatura</translation>
    </message>
    <message>
        <source>{number} of {total} by the camera</source>
        <translation>{number} de {total} según la cámara</translation>
    </message>
    <message>
        <source>{number} photos answered together</source>
        <translation>{number} fotos respondidas en conjunto</translation>
    </message>
    <message>
        <source>answered together with others</source>
        <translation>respondida junto con otras</translation>
    </message>
    <message>
        <source>Burst</source>
        <translation>Ráfaga</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Archivo</translation>
    </message>
</context>
<context>
    <name>DetailsPanel</name>
    <message>
        <source>Copy: {text}</source>
        <translation>Copiar: {text}</translation>
    </message>
</context>
<context>
    <name>EvidenceNote</name>
    <message>
        <source>Looking at the photo with its parts hidden, one after another…</source>
        <translation>Se mira la foto con sus partes ocultas, una tras otra…</translation>
    </message>
    <message>
        <source>This photo has no answer yet.</source>
        <translation>Esta foto aún no tiene respuesta.</translation>
    </message>
    <message>
        <source>Videos are answered from many frames; this is shown for photos only.</source>
        <translation>Los vídeos se responden con muchos fotogramas; esto se muestra solo para fotos.</translation>
    </message>
    <message>
        <source>It could not be found out: {reason}</source>
        <translation>No se pudo averiguar: {reason}</translation>
    </message>
    <message>
        <source>Where the answer comes from – an aid, not proof</source>
        <translation>De dónde viene la respuesta: una ayuda, no una prueba</translation>
    </message>
    <message>
        <source>{species}: {whole} for the photo, {without} without the outlined part, {other} without one like it.</source>
        <translation>{species}: {whole} con la foto entera, {without} sin la parte rodeada, {other} sin otra igual de grande.</translation>
    </message>
    <message>
        <source>{species}: no one part decides. {whole} for the photo, {without} without what counts most.</source>
        <translation>{species}: ninguna parte decide por sí sola. {whole} con la foto entera, {without} sin lo que más cuenta.</translation>
    </message>
    <message>
        <source>Nothing in the photo speaks clearly for {species}.</source>
        <translation>Nada en la foto habla claramente a favor de {species}.</translation>
    </message>
</context>
<context>
    <name>Export</name>
    <message>
        <source>Table (CSV)</source>
        <translation>Tabla (CSV)</translation>
    </message>
    <message>
        <source>Spreadsheet (Excel)</source>
        <translation>Hoja de cálculo (Excel)</translation>
    </message>
    <message>
        <source>JSON lines</source>
        <translation>Líneas JSON</translation>
    </message>
    <message>
        <source>MegaDetector JSON</source>
        <translation>JSON de MegaDetector</translation>
    </message>
    <message>
        <source>Timelapse table</source>
        <translation>Tabla de Timelapse</translation>
    </message>
    <message>
        <source>Camtrap DP</source>
        <translation>Camtrap DP</translation>
    </message>
    <message>
        <source>XMP sidecars</source>
        <translation>Archivos XMP</translation>
    </message>
    <message>
        <source>Species folders</source>
        <translation>Carpetas por especie</translation>
    </message>
    <message>
        <source>One line for each photo, for any program.</source>
        <translation>Una línea por foto, para cualquier programa.</translation>
    </message>
    <message>
        <source>A workbook with filters, for Excel and LibreOffice.</source>
        <translation>Un libro con filtros, para Excel y LibreOffice.</translation>
    </message>
    <message>
        <source>Everything that is known, for scripts: one JSON object for each photo.</source>
        <translation>Todo lo que se sabe, para programas: un objeto JSON por foto.</translation>
    </message>
    <message>
        <source>What Timelapse and other programs for camera traps read.</source>
        <translation>Lo que leen Timelapse y otros programas de fototrampeo.</translation>
    </message>
    <message>
        <source>A line for each photo as Timelapse&apos;s own tables have it, to go on there. What was changed there comes back with “avistar survey reviews”.</source>
        <translation>Una línea por foto como en las tablas de Timelapse, para seguir allí. Lo que se cambie allí vuelve con «avistar survey reviews».</translation>
    </message>
    <message>
        <source>The standard for sharing camera-trap data. Where and when the cameras stood is written down under Deployments.</source>
        <translation>El estándar para compartir datos de fototrampeo. Dónde y cuándo estuvieron las cámaras se anota en Despliegues.</translation>
    </message>
    <message>
        <source>Keywords beside each photo, for Lightroom, digiKam or darktable. The photos themselves stay as they are.</source>
        <translation>Palabras clave junto a cada foto, para Lightroom, digiKam o darktable. Las fotos quedan como están.</translation>
    </message>
    <message>
        <source>Photos in folders named by species, the folders below as they were. What was sorted can be undone.</source>
        <translation>Fotos en carpetas con el nombre de la especie; debajo, las carpetas como estaban. Lo ordenado se puede deshacer.</translation>
    </message>
    <message>
        <source>copied</source>
        <translation>copian</translation>
    </message>
    <message>
        <source>linked (hard links, no space)</source>
        <translation>enlazan (enlaces duros, sin ocupar espacio)</translation>
    </message>
    <message>
        <source>linked (shortcuts)</source>
        <translation>enlazan (accesos directos)</translation>
    </message>
    <message>
        <source>moved</source>
        <translation>mueven</translation>
    </message>
    <message>
        <source>Open a survey first: its photos are what is exported.</source>
        <translation>Abra primero un muestreo: se exportan sus fotos.</translation>
    </message>
    <message>
        <source>{folder}: {photos} photos, {reviewed} reviewed. Reviews override the model.</source>
        <translation>{folder}: {photos} fotos, {reviewed} revisadas. Las revisiones prevalecen sobre el modelo.</translation>
    </message>
    <message>
        <source>All photos ({number})</source>
        <translation>Todas las fotos ({number})</translation>
    </message>
    <message>
        <source>Reviewed ones only ({number})</source>
        <translation>Solo las revisadas ({number})</translation>
    </message>
    <message>
        <source>As filtered on Identify ({number})</source>
        <translation>Las filtradas en Identificar ({number})</translation>
    </message>
    <message>
        <source>The first lines of {photos} photos; nothing is written yet.</source>
        <translation>Las primeras líneas de {photos} fotos; aún no se ha escrito nada.</translation>
    </message>
    <message>
        <source>{files} photos, {size}; left out: {left}.</source>
        <translation>{files} fotos, {size}; excluidas: {left}.</translation>
    </message>
    <message>
        <source>Done: {photos} photos in {where}{more}</source>
        <translation>Hecho: {photos} fotos en {where}{more}</translation>
    </message>
    <message>
        <source>Done: {placed} photos placed, failed: {failed}.</source>
        <translation>Hecho: {placed} fotos colocadas, fallidas: {failed}.</translation>
    </message>
    <message>
        <source>Undone: {removed} removed, {restored} moved back, {kept} kept.</source>
        <translation>Deshecho: {removed} eliminadas, {restored} devueltas, {kept} conservadas.</translation>
    </message>
    <message>
        <source>Undone: sidecars changed or removed: {files}.</source>
        <translation>Deshecho: archivos XMP cambiados o eliminados: {files}.</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Reemplazar</translation>
    </message>
    <message>
        <source>The original photos will be moved, {photos} of them. Nothing is copied.</source>
        <translation>Se moverán las fotos originales: {photos}. No se copia nada.</translation>
    </message>
    <message>
        <source>They go to {folder}. “Undo sorting” brings them back.</source>
        <translation>Irán a {folder}. «Deshacer orden» las devuelve a su lugar.</translation>
    </message>
    <message>
        <source>Move the originals</source>
        <translation>Mover los originales</translation>
    </message>
    <message>
        <source>A small .xmp file will be written beside each of {photos} photos.</source>
        <translation>Se escribirá un pequeño archivo .xmp junto a cada una de las {photos} fotos.</translation>
    </message>
    <message>
        <source>Write the files</source>
        <translation>Escribir los archivos</translation>
    </message>
    <message>
        <source>Camtrap DP still needs facts that only you know; write them under Deployments: {facts}</source>
        <translation>A Camtrap DP aún le faltan datos que solo usted conoce; anótelos en Despliegues: {facts}</translation>
    </message>
    <message>
        <source>This file already exists. Replace it?</source>
        <translation>Este archivo ya existe. ¿Reemplazarlo?</translation>
    </message>
    <message>
        <source>as they are</source>
        <translation>tal como están</translation>
    </message>
    <message>
        <source>persons blurred in the copies</source>
        <translation>personas difuminadas en las copias</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>omitidas</translation>
    </message>
</context>
<context>
    <name>ExportController</name>
    <message>
        <source>Cancelled. What was already sorted can be undone.</source>
        <translation>Cancelado. Lo ya ordenado se puede deshacer.</translation>
    </message>
</context>
<context>
    <name>ExportPage</name>
    <message>
        <source>Write to</source>
        <translation>Escribir en</translation>
    </message>
    <message>
        <source>Files are</source>
        <translation>Los archivos se</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Elegir…</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vista previa</translation>
    </message>
    <message>
        <source>Take keywords out</source>
        <translation>Quitar las palabras clave</translation>
    </message>
    <message>
        <source>Remove what was written beside the photos; what others wrote there stays</source>
        <translation>Quita lo que se escribió junto a las fotos; lo que otros escribieron allí se conserva</translation>
    </message>
    <message>
        <source>Undo sorting</source>
        <translation>Deshacer orden</translation>
    </message>
    <message>
        <source>Take back what was sorted into this folder; what people changed there stays</source>
        <translation>Deshacer lo ordenado en esta carpeta; lo que alguien cambió en ella se queda</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Which photos</source>
        <translation>Qué fotos</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Mostrar en la carpeta</translation>
    </message>
    <message>
        <source>Forms</source>
        <translation>Formatos</translation>
    </message>
    <message>
        <source>What would be written</source>
        <translation>Lo que se escribiría</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportar</translation>
    </message>
    <message>
        <source>Photos of persons</source>
        <translation>Fotos de personas</translation>
    </message>
</context>
<context>
    <name>FavouriteBar</name>
    <message>
        <source>{species} ({key})</source>
        <translation>{species} ({key})</translation>
    </message>
</context>
<context>
    <name>FiguresPane</name>
    <message>
        <source>Confusion</source>
        <translation>Confusión</translation>
    </message>
    <message>
        <source>Species</source>
        <translation>Especies</translation>
    </message>
    <message>
        <source>Confused pairs</source>
        <translation>Pares</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Cambios</translation>
    </message>
    <message>
        <source>Find a species</source>
        <translation>Buscar una especie</translation>
    </message>
    <message>
        <source>Find a species in the matrix</source>
        <translation>Buscar una especie en la matriz</translation>
    </message>
    <message>
        <source>Numbers in the matrix</source>
        <translation>Números de la matriz</translation>
    </message>
    <message>
        <source>Order of the matrix</source>
        <translation>Orden de la matriz</translation>
    </message>
    <message>
        <source>Confusion matrix: rows are the species shown, columns the answers</source>
        <translation>Matriz de confusión: las filas son las especies mostradas; las columnas, las respuestas</translation>
    </message>
    <message>
        <source>Table of species</source>
        <translation>Tabla de especies</translation>
    </message>
    <message>
        <source>Most confused pairs</source>
        <translation>Pares más confundidos</translation>
    </message>
    <message>
        <source>Photos with different answers</source>
        <translation>Fotos con respuestas distintas</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>Guardar como CSV…</translation>
    </message>
    <message>
        <source>Rows: what the photo shows. Columns: what it was called. Click a cell or a name.</source>
        <translation>Filas: lo que muestra la foto. Columnas: la respuesta. Haga clic en una celda o un nombre.</translation>
    </message>
    <message>
        <source>Wheel and arrows scroll (Shift: sideways, Ctrl: by pages). Click a cell or a name.</source>
        <translation>La rueda y las flechas desplazan (Mayús: de lado; Ctrl: por páginas). Haga clic en una celda o un nombre.</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Folder order</source>
        <translation>Orden de la carpeta</translation>
    </message>
    <message>
        <source>Least sure first</source>
        <translation>Menos seguras primero</translation>
    </message>
    <message>
        <source>Surest first</source>
        <translation>Más seguras primero</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>Más antiguas primero</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>Más recientes primero</translation>
    </message>
    <message>
        <source>Last reviewed first</source>
        <translation>Última revisada primero</translation>
    </message>
    <message>
        <source>Teaches most first</source>
        <translation>Primero lo que más enseña</translation>
    </message>
    <message>
        <source>Name or folder</source>
        <translation>Nombre o carpeta</translation>
    </message>
    <message>
        <source>Which photos</source>
        <translation>Qué fotos</translation>
    </message>
    <message>
        <source>What they show</source>
        <translation>Qué muestran</translation>
    </message>
    <message>
        <source>Order of the photos</source>
        <translation>Orden de las fotos</translation>
    </message>
    <message>
        <source>Part of the name or folder</source>
        <translation>Parte del nombre o de la carpeta</translation>
    </message>
    <message>
        <source>All photos</source>
        <translation>Todas las fotos</translation>
    </message>
    <message>
        <source>To review</source>
        <translation>Por revisar</translation>
    </message>
    <message>
        <source>Reviewed</source>
        <translation>Revisadas</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>En espera</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fallida</translation>
    </message>
    <message>
        <source>Any content</source>
        <translation>Cualquier contenido</translation>
    </message>
    <message>
        <source>Answer: a species</source>
        <translation>Respuesta: una especie</translation>
    </message>
    <message>
        <source>Answer: a group</source>
        <translation>Respuesta: un grupo</translation>
    </message>
    <message>
        <source>Answer: unknown</source>
        <translation>Respuesta: desconocido</translation>
    </message>
    <message>
        <source>Confidence, date, comments, tags, reviewers and more (Ctrl+Shift+F)</source>
        <translation>Confianza, fecha, comentarios, etiquetas, revisores y más (Ctrl+Mayús+F)</translation>
    </message>
    <message numerus="yes">
        <source>More filters: %n</source>
        <translation>
            <numerusform>Más filtros: %n</numerusform>
            <numerusform>Más filtros: %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilterPanel</name>
    <message>
        <source>&amp;Confidence from</source>
        <translation>&amp;Confianza de</translation>
    </message>
    <message>
        <source>Ta&amp;ken from</source>
        <translation>Tom&amp;ada del</translation>
    </message>
    <message>
        <source>Remove these conditions</source>
        <translation>Quitar estas condiciones</translation>
    </message>
    <message>
        <source>Photos and videos</source>
        <translation>Fotos y vídeos</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Videos</source>
        <translation>Vídeos</translation>
    </message>
    <message>
        <source>Least confidence</source>
        <translation>Confianza mínima</translation>
    </message>
    <message>
        <source>Highest confidence</source>
        <translation>Confianza máxima</translation>
    </message>
    <message>
        <source>Photos or videos</source>
        <translation>Fotos o vídeos</translation>
    </message>
    <message>
        <source>First day</source>
        <translation>Primer día</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>Último día</translation>
    </message>
</context>
<context>
    <name>IdentifyController</name>
    <message>
        <source>Only files and folders on this computer can be opened.</source>
        <translation>Solo se pueden abrir archivos y carpetas de este equipo.</translation>
    </message>
    <message>
        <source>The model can&apos;t be used, so photos can&apos;t be identified yet.</source>
        <translation>El modelo no se puede usar, así que aún no se pueden identificar fotos.</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Elegir un modelo…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>This survey&apos;s folder can&apos;t be found. Insert its memory card to see the photos.</source>
        <translation>No se encuentra la carpeta de este muestreo. Inserte su tarjeta de memoria para ver las fotos.</translation>
    </message>
    <message>
        <source>Show problems</source>
        <translation>Ver los problemas</translation>
    </message>
    <message>
        <source>{number} new</source>
        <translation>{number} nuevas</translation>
    </message>
    <message>
        <source>{number} changed, identified again</source>
        <translation>{number} cambiadas, que se identifican de nuevo</translation>
    </message>
    <message>
        <source>{number} moved</source>
        <translation>{number} movidas</translation>
    </message>
    <message>
        <source>{number} no longer there</source>
        <translation>{number} que ya no están</translation>
    </message>
    <message>
        <source>Since the last look: {changes}.</source>
        <translation>Desde la última vez: {changes}.</translation>
    </message>
    <message>
        <source>What was said of missing photos is kept.</source>
        <translation>Lo que se dijo de las fotos que faltan se conserva.</translation>
    </message>
    <message>
        <source>Identify them again</source>
        <translation>Identificarlas de nuevo</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>The folder has disappeared. Was the card removed? Everything done so far is saved.</source>
        <translation>La carpeta ha desaparecido. ¿Se ha retirado la tarjeta? Lo hecho hasta ahora está guardado.</translation>
    </message>
    <message>
        <source>Saved as {file}.</source>
        <translation>Guardado como {file}.</translation>
    </message>
    <message>
        <source>These options can&apos;t be used. Nothing was changed.</source>
        <translation>Estas opciones no se pueden usar. No se ha cambiado nada.</translation>
    </message>
    <message>
        <source>Identification stopped. Everything done so far is saved.</source>
        <translation>La identificación se ha detenido. Lo hecho hasta ahora está guardado.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>This photo can&apos;t be shown.</source>
        <translation>Esta foto no se puede mostrar.</translation>
    </message>
    <message>
        <source>This model can&apos;t be used; the previous one stays in use.</source>
        <translation>Este modelo no se puede usar; se sigue usando el anterior.</translation>
    </message>
</context>
<context>
    <name>IdentifyPage</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>No photo meets these conditions. Clear filters shows all of them.</source>
        <translation>Ninguna foto cumple estas condiciones. «Quitar filtros» las muestra todas.</translation>
    </message>
    <message>
        <source>The chosen photo</source>
        <translation>La foto elegida</translation>
    </message>
    <message>
        <source>What the photo shows</source>
        <translation>Lo que muestra la foto</translation>
    </message>
</context>
<context>
    <name>JobRunner</name>
    <message>
        <source>Preparing…</source>
        <translation>Preparando…</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Cancelado.</translation>
    </message>
    <message>
        <source>It ended without a result (code {code}).</source>
        <translation>Terminó sin resultado (código {code}).</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>Hecho.</translation>
    </message>
</context>
<context>
    <name>KeyMap</name>
    <message>
        <source>Keys</source>
        <translation>Teclas</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Home</source>
        <translation>Inicio</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Fin</translation>
    </message>
    <message>
        <source>Choose the next photo</source>
        <translation>Elegir la foto siguiente</translation>
    </message>
    <message>
        <source>First and last photo</source>
        <translation>Primera y última foto</translation>
    </message>
    <message>
        <source>The photo as large as the window; Esc goes back</source>
        <translation>La foto tan grande como la ventana; Esc vuelve</translation>
    </message>
    <message>
        <source>The next photo that nobody reviewed</source>
        <translation>La siguiente foto sin revisar</translation>
    </message>
    <message>
        <source>Choose the whole burst</source>
        <translation>Elegir toda la ráfaga</translation>
    </message>
    <message>
        <source>Accept this species and go on</source>
        <translation>Aceptar esta especie y seguir</translation>
    </message>
    <message>
        <source>Accept the answers of all chosen photos</source>
        <translation>Aceptar las respuestas de todas las fotos elegidas</translation>
    </message>
    <message>
        <source>Another species: type its name, also a new one</source>
        <translation>Otra especie: escriba su nombre, también una nueva</translation>
    </message>
    <message>
        <source>The species used last, as the panel shows them</source>
        <translation>Las últimas especies usadas, como las muestra el panel</translation>
    </message>
    <message>
        <source>And also: the next key adds to what is there</source>
        <translation>Y además: la siguiente tecla añade a lo que hay</translation>
    </message>
    <message>
        <source>Two to nine of what the next key names, or of what is chosen</source>
        <translation>De dos a nueve de lo que nombre la siguiente tecla, o de lo elegido</translation>
    </message>
    <message>
        <source>The next thing in the photo; past the last one, the next part of the window</source>
        <translation>Lo siguiente que hay en la foto; después, la siguiente parte de la ventana</translation>
    </message>
    <message>
        <source>Count, sex, life stage, behaviour and individual</source>
        <translation>Número, sexo, edad, comportamiento e individuo</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Supr</translation>
    </message>
    <message>
        <source>The chosen thing is not there</source>
        <translation>Lo elegido no está ahí</translation>
    </message>
    <message>
        <source>Comment and tags</source>
        <translation>Comentario y etiquetas</translation>
    </message>
    <message>
        <source>Draw a box with the mouse; twice: put one in the middle</source>
        <translation>Dibujar un recuadro con el ratón; dos veces: poner uno en el centro</translation>
    </message>
    <message>
        <source>Move the chosen box of one&apos;s own; with Shift resize it</source>
        <translation>Mover el recuadro propio elegido; con Mayús cambiar su tamaño</translation>
    </message>
    <message>
        <source>Unknown / no animal / a person, and go on</source>
        <translation>Desconocido / sin animal / una persona, y seguir</translation>
    </message>
    <message>
        <source>Go from one part of the window to the next</source>
        <translation>Pasar de una parte de la ventana a la siguiente</translation>
    </message>
    <message>
        <source>Matrix: go from cell to cell; map: move</source>
        <translation>Matriz: ir de celda en celda; mapa: mover</translation>
    </message>
    <message>
        <source>Matrix: photos of the cell, its row, its column</source>
        <translation>Matriz: fotos de la celda, de su fila, de su columna</translation>
    </message>
    <message>
        <source>Changes: show that photo</source>
        <translation>Cambios: ver esa foto</translation>
    </message>
    <message>
        <source>Map: closer, farther, all of it</source>
        <translation>Mapa: más cerca, más lejos, entero</translation>
    </message>
    <message>
        <source>Choose a bundle</source>
        <translation>Elegir un paquete</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Espacio</translation>
    </message>
    <message>
        <source>Freeze the camera&apos;s picture, or go on</source>
        <translation>Congelar la imagen de la cámara, o seguir</translation>
    </message>
    <message>
        <source>Save the frozen picture to the survey</source>
        <translation>Guardar la imagen congelada en el muestreo</translation>
    </message>
    <message>
        <source>Choose what to write</source>
        <translation>Elegir qué escribir</translation>
    </message>
    <message>
        <source>Show where the answer comes from, or hide it</source>
        <translation>Mostrar de dónde viene la respuesta, u ocultarlo</translation>
    </message>
    <message>
        <source>The same for the next of the three species</source>
        <translation>Lo mismo para la siguiente de las tres especies</translation>
    </message>
    <message>
        <source>Look closer / further away</source>
        <translation>Ver más de cerca / de más lejos</translation>
    </message>
    <message>
        <source>The whole photo / each of its pixels</source>
        <translation>La foto entera / cada uno de sus píxeles</translation>
    </message>
    <message>
        <source>Move the enlarged photo</source>
        <translation>Mover la foto ampliada</translation>
    </message>
    <message>
        <source>Brighter / darker, on the screen only</source>
        <translation>Más clara / más oscura, solo en pantalla</translation>
    </message>
    <message>
        <source>More / less contrast</source>
        <translation>Más / menos contraste</translation>
    </message>
    <message>
        <source>Lift / deepen the shadows</source>
        <translation>Aclarar / oscurecer las sombras</translation>
    </message>
    <message>
        <source>Brighten dark photos by themselves / as the photo is</source>
        <translation>Aclarar solas las fotos oscuras / la foto tal cual</translation>
    </message>
    <message>
        <source>Light controls / keep the light for the next photos</source>
        <translation>Controles de luz / conservarla en las fotos siguientes</translation>
    </message>
    <message>
        <source>Play a video, or stop it</source>
        <translation>Reproducir un vídeo o detenerlo</translation>
    </message>
    <message>
        <source>Date, place, camera and file</source>
        <translation>Fecha, lugar, cámara y archivo</translation>
    </message>
    <message>
        <source>Choose a species</source>
        <translation>Elegir una especie</translation>
    </message>
    <message>
        <source>Another picture</source>
        <translation>Otro gráfico</translation>
    </message>
    <message>
        <source>Save all as a page</source>
        <translation>Guardarlo todo como página</translation>
    </message>
    <message>
        <source>Change the cell</source>
        <translation>Cambiar la celda</translation>
    </message>
    <message>
        <source>Copy cells; paste cells of a spreadsheet</source>
        <translation>Copiar celdas; pegar celdas de una hoja de cálculo</translation>
    </message>
    <message>
        <source>Empty the cells: what the photos tell is there again</source>
        <translation>Vaciar las celdas: vuelve lo que dicen las fotos</translation>
    </message>
    <message>
        <source>From the species to the lesson</source>
        <translation>De las especies a la lección</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Photos and videos ({patterns})</source>
        <translation>Fotos y vídeos ({patterns})</translation>
    </message>
    <message>
        <source>Open photos</source>
        <translation>Abrir fotos</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Abrir carpeta</translation>
    </message>
    <message>
        <source>Choose the folder of a model</source>
        <translation>Elegir la carpeta de un modelo</translation>
    </message>
</context>
<context>
    <name>MapController</name>
    <message>
        <source>Making the map</source>
        <translation>Haciendo el mapa</translation>
    </message>
</context>
<context>
    <name>MapPane</name>
    <message>
        <source>Map</source>
        <translation>Mapa</translation>
    </message>
    <message>
        <source>Reliability</source>
        <translation>Fiabilidad</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Entrenamiento</translation>
    </message>
    <message>
        <source>Colours of the map</source>
        <translation>Colores del mapa</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>Leyenda</translation>
    </message>
    <message>
        <source>Legend: what is shown on the map</source>
        <translation>Leyenda: lo que muestra el mapa</translation>
    </message>
    <message>
        <source>Untick to hide, double-click to show only one</source>
        <translation>Desmarque para ocultar; doble clic para ver solo una</translation>
    </message>
    <message>
        <source>Map of photos that look alike to the network</source>
        <translation>Mapa de fotos que la red ve parecidas</translation>
    </message>
    <message>
        <source>Reliability diagram</source>
        <translation>Diagrama de fiabilidad</translation>
    </message>
    <message>
        <source>Learning curve: loss</source>
        <translation>Curva de aprendizaje: pérdida</translation>
    </message>
    <message>
        <source>Learning curve: accuracy</source>
        <translation>Curva de aprendizaje: exactitud</translation>
    </message>
    <message>
        <source>Make the map</source>
        <translation>Hacer el mapa</translation>
    </message>
    <message>
        <source>Renew the map</source>
        <translation>Renovar el mapa</translation>
    </message>
</context>
<context>
    <name>MergeDialog</name>
    <message>
        <source>Another survey of the same photos, such as a colleague&apos;s: reviews of both are kept, each with its name. Where people disagree, the photo is marked.</source>
        <translation>Otro muestreo de las mismas fotos, por ejemplo el de otra persona: se conservan las revisiones de ambos, cada una con su nombre. Si hay desacuerdo, la foto queda marcada.</translation>
    </message>
    <message>
        <source>Merge surveys</source>
        <translation>Unir muestreos</translation>
    </message>
    <message>
        <source>&amp;Merge</source>
        <translation>&amp;Unir</translation>
    </message>
    <message>
        <source>&amp;Another file…</source>
        <translation>&amp;Otro archivo…</translation>
    </message>
    <message>
        <source>Surveys (*{suffix})</source>
        <translation>Muestreos (*{suffix})</translation>
    </message>
    <message>
        <source>Choose a survey</source>
        <translation>Elegir un muestreo</translation>
    </message>
    <message>
        <source>{name}  ·  {reviewed} of {total} reviewed</source>
        <translation>{name}  ·  {reviewed} de {total} revisadas</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>{number} species</source>
        <translation>{number} especies</translation>
    </message>
    <message>
        <source>Checking the files…</source>
        <translation>Comprobando los archivos…</translation>
    </message>
    <message>
        <source>All {number} files are as the manifest lists them (SHA-256).</source>
        <translation>Los {number} archivos son los que indica el manifiesto (SHA-256).</translation>
    </message>
    <message>
        <source>nothing on this computer</source>
        <translation>nada en este equipo</translation>
    </message>
    <message>
        <source>for training and export only</source>
        <translation>solo para entrenar y exportar</translation>
    </message>
    <message>
        <source>the computer that built it: {target}</source>
        <translation>el equipo que lo construyó: {target}</translation>
    </message>
    <message>
        <source>on {number} photos</source>
        <translation>en {number} fotos</translation>
    </message>
    <message>
        <source>Trying…</source>
        <translation>Probando…</translation>
    </message>
    <message>
        <source>✓  {artifact} ({device}): largest change {change}, allowed {allowed}</source>
        <translation>✓  {artifact} ({device}): cambio máximo {change}, permitido {allowed}</translation>
    </message>
    <message>
        <source>{artifact} ({device}): {alone} for one picture, {batched} each in a batch</source>
        <translation>{artifact} ({device}): {alone} para una imagen, {batched} cada una por lotes</translation>
    </message>
    <message>
        <source>Cancelled. The bundle is as it was.</source>
        <translation>Cancelado. El paquete está como estaba.</translation>
    </message>
    <message>
        <source>The engine is built, judged, and part of the bundle.</source>
        <translation>El motor está construido, evaluado y en el paquete.</translation>
    </message>
    <message>
        <source>The build could not be started this way; the log says why.</source>
        <translation>No se pudo iniciar así la construcción; el registro dice por qué.</translation>
    </message>
    <message>
        <source>Refused: the engine sees otherwise than the model. Nothing was kept.</source>
        <translation>Rechazado: el motor no ve lo mismo que el modelo. No se guardó nada.</translation>
    </message>
    <message>
        <source>The engine can&apos;t be built from this artifact. Nothing was kept.</source>
        <translation>El motor no se puede construir a partir de este artefacto. No se guardó nada.</translation>
    </message>
    <message>
        <source>Something that engines need is missing on this computer; the log says what.</source>
        <translation>Falta en este equipo algo que los motores necesitan; el registro dice qué.</translation>
    </message>
    <message>
        <source>The build broke off. The bundle is as it was.</source>
        <translation>La construcción se interrumpió. El paquete está como estaba.</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>en uso</translation>
    </message>
    <message>
        <source>{share} of {number}</source>
        <translation>{share} de {number}</translation>
    </message>
    <message>
        <source>{number} a second</source>
        <translation>{number} por segundo</translation>
    </message>
    <message>
        <source>{share} ({low}–{high}) of {number}</source>
        <translation>{share} ({low}–{high}) de {number}</translation>
    </message>
    <message>
        <source>Open a survey that you reviewed: its photos then judge every model.</source>
        <translation>Abra un muestreo que haya revisado: sus fotos juzgarán entonces a cada modelo.</translation>
    </message>
    <message>
        <source>Nothing is reviewed in {survey} yet: what you review there judges every model.</source>
        <translation>En {survey} aún no hay nada revisado: lo que revise allí juzgará a cada modelo.</translation>
    </message>
    <message>
        <source>Judged by what you reviewed in {survey}; in brackets the 95 % interval.</source>
        <translation>Según lo que usted revisó en {survey}; entre paréntesis, el intervalo del 95 %.</translation>
    </message>
    <message>
        <source>{name}: speed</source>
        <translation>{name}: velocidad</translation>
    </message>
    <message>
        <source>{name}: your reviewed photos</source>
        <translation>{name}: sus fotos revisadas</translation>
    </message>
    <message>
        <source>{name} answered {photos} photos too. Models differ on {differ} photos of this survey.</source>
        <translation>{name} respondió también a {photos} fotos. En {differ} fotos de este muestreo los modelos difieren.</translation>
    </message>
    <message>
        <source>{number} could not be read.</source>
        <translation>{number} no se pudieron leer.</translation>
    </message>
</context>
<context>
    <name>ModelsController</name>
    <message>
        <source>Building an engine</source>
        <translation>Construyendo un motor</translation>
    </message>
    <message>
        <source>Verifying</source>
        <translation>Verificando</translation>
    </message>
    <message>
        <source>Measuring speed</source>
        <translation>Midiendo la velocidad</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>Hecho.</translation>
    </message>
    <message>
        <source>Ending…</source>
        <translation>Terminando…</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Cancelado.</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Bundles</source>
        <translation>Paquetes</translation>
    </message>
    <message>
        <source>Artifacts</source>
        <translation>Artefactos</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Este equipo</translation>
    </message>
    <message>
        <source>Artifact</source>
        <translation>Artefacto</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Top-1</source>
        <translation>Top-1</translation>
    </message>
    <message>
        <source>Runs here on</source>
        <translation>Aquí funciona en</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>One picture</source>
        <translation>Una imagen</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Estado</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Añadir carpeta…</translation>
    </message>
    <message>
        <source>A folder that holds a bundle, or several</source>
        <translation>Una carpeta que contiene un paquete o varios</translation>
    </message>
    <message>
        <source>Devices of this computer</source>
        <translation>Dispositivos de este equipo</translation>
    </message>
    <message>
        <source>Identify with it</source>
        <translation>Identificar con él</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>En uso</translation>
    </message>
    <message>
        <source>Use this bundle for identifying from now on</source>
        <translation>Usar este paquete para identificar a partir de ahora</translation>
    </message>
    <message>
        <source>Analyse</source>
        <translation>Analizar</translation>
    </message>
    <message>
        <source>Where it is right and where it goes wrong</source>
        <translation>Dónde acierta y dónde falla</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Verificar</translation>
    </message>
    <message>
        <source>Does this computer answer the golden pictures as expected?</source>
        <translation>¿Responde este equipo como se espera a las imágenes de referencia?</translation>
    </message>
    <message>
        <source>Measure speed</source>
        <translation>Medir la velocidad</translation>
    </message>
    <message>
        <source>A short measurement of every artifact, without reading files</source>
        <translation>Una medición breve de cada artefacto, sin leer archivos</translation>
    </message>
    <message>
        <source>Build engine…</source>
        <translation>Construir motor…</translation>
    </message>
    <message>
        <source>Build a TensorRT engine for the GPU of this computer</source>
        <translation>Construir un motor TensorRT para la GPU de este equipo</translation>
    </message>
    <message>
        <source>The folder of a bundle</source>
        <translation>La carpeta de un paquete</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Comparar todos</translation>
    </message>
    <message>
        <source>All bundles with speed and accuracy, measured here</source>
        <translation>Todos los modelos con su velocidad y su acierto, medidos aquí</translation>
    </message>
    <message>
        <source>Answer too</source>
        <translation>Responder también</translation>
    </message>
    <message>
        <source>Let it answer the open survey too: what stands stays, and Identify shows where they differ</source>
        <translation>Que responda también al muestreo abierto: lo que hay se conserva, e Identificar muestra dónde difieren</translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message numerus="yes">
        <source>{number} photo(s)</source>
        <translation>
            <numerusform>{number} foto</numerusform>
            <numerusform>{number} fotos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} video(s)</source>
        <translation>
            <numerusform>{number} vídeo</numerusform>
            <numerusform>{number} vídeos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>burst of {number} photo(s)</source>
        <translation>
            <numerusform>ráfaga de {number} foto</numerusform>
            <numerusform>ráfaga de {number} fotos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} identified already</source>
        <translation>
            <numerusform>{number} ya identificada</numerusform>
            <numerusform>{number} ya identificadas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) will be identified again.</source>
        <translation>
            <numerusform>{number} foto se identificará de nuevo.</numerusform>
            <numerusform>{number} fotos se identificarán de nuevo.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} folder(s) could not be opened.</source>
        <translation>
            <numerusform>No se pudo abrir {number} carpeta.</numerusform>
            <numerusform>No se pudieron abrir {number} carpetas.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} folder(s) can&apos;t be opened; the photos in there are not counted:</source>
        <translation>
            <numerusform>{number} carpeta no se puede abrir; sus fotos no están contadas:</numerusform>
            <numerusform>{number} carpetas no se pueden abrir; sus fotos no están contadas:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and {number} more, listed under Problems</source>
        <translation>
            <numerusform>y {number} más, en la lista de problemas</numerusform>
            <numerusform>y {number} más, en la lista de problemas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>There are no photos there; {number} folder(s) were searched.</source>
        <translation>
            <numerusform>No hay fotos ahí; se buscó en {number} carpeta.</numerusform>
            <numerusform>No hay fotos ahí; se buscó en {number} carpetas.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>There are no photos there, but {number} video(s), passed over.</source>
        <translation>
            <numerusform>No hay fotos ahí, pero sí {number} vídeo, que se omitió.</numerusform>
            <numerusform>No hay fotos ahí, pero sí {number} vídeos, que se omitieron.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} video(s) can&apos;t be read without the extra “live”. This installs it:</source>
        <translation>
            <numerusform>{number} vídeo no se puede leer sin el extra «live». Esto lo instala:</numerusform>
            <numerusform>{number} vídeos no se pueden leer sin el extra «live». Esto lo instala:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) were answered by another model.</source>
        <translation>
            <numerusform>Otro modelo respondió {number} foto.</numerusform>
            <numerusform>Otro modelo respondió {number} fotos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) answered again; reviews stay.</source>
        <translation>
            <numerusform>{number} foto respondida de nuevo; las revisiones quedan.</numerusform>
            <numerusform>{number} fotos respondidas de nuevo; las revisiones quedan.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} answer(s) accepted.</source>
        <translation>
            <numerusform>{number} respuesta aceptada.</numerusform>
            <numerusform>{number} respuestas aceptadas.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not saved: {number} review(s). Trying again every few seconds.</source>
        <translation>
            <numerusform>Sin guardar: {number} revisión. Se reintenta cada pocos segundos.</numerusform>
            <numerusform>Sin guardar: {number} revisiones. Se reintenta cada pocos segundos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) need a look: reviewed before, or without a clear species.</source>
        <translation>
            <numerusform>{number} foto necesita una mirada: ya revisada o sin especie clara.</numerusform>
            <numerusform>{number} fotos necesitan una mirada: ya revisadas o sin especie clara.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All {number} photo(s) are reviewed.</source>
        <translation>
            <numerusform>{number} foto revisada: es la única.</numerusform>
            <numerusform>Las {number} fotos están revisadas.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} answer(s) corrected.</source>
        <translation>
            <numerusform>{number} respuesta corregida.</numerusform>
            <numerusform>{number} respuestas corregidas.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) in dispute: More filters, Disagreement shows them.</source>
        <translation>
            <numerusform>{number} foto con desacuerdo: Más filtros, Desacuerdo la muestra.</numerusform>
            <numerusform>{number} fotos con desacuerdo: Más filtros, Desacuerdo las muestra.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) chosen</source>
        <translation>
            <numerusform>{number} foto elegida</numerusform>
            <numerusform>{number} fotos elegidas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The next key speaks of all {number}; V accepts each one&apos;s own answer.</source>
        <translation>
            <numerusform>La siguiente tecla habla de {number}; V acepta su propia respuesta.</numerusform>
            <numerusform>La siguiente tecla habla de las {number}; V acepta la respuesta propia de cada una.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} animal(s): now the species</source>
        <translation>
            <numerusform>{number} animal: ahora la especie</numerusform>
            <numerusform>{number} animales: ahora la especie</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} found; V accepts all of them, Tab chooses one.</source>
        <translation>
            <numerusform>{number} hallazgo; V lo acepta, Tab lo elige.</numerusform>
            <numerusform>{number} hallazgos; V los acepta todos, Tab elige uno.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} found, not all of them named; Tab chooses one.</source>
        <translation>
            <numerusform>{number} hallazgo, aún sin nombre; Tab lo elige.</numerusform>
            <numerusform>{number} hallazgos, no todos con nombre; Tab elige uno.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} species at the &amp;site…</source>
        <translation>
            <numerusform>{number} e&amp;specie del lugar…</numerusform>
            <numerusform>{number} e&amp;species del lugar…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} camera(s) or places</source>
        <translation>
            <numerusform>{number} cámara o lugar</numerusform>
            <numerusform>{number} cámaras o lugares</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n species</source>
        <translation>
            <numerusform>%n especie</numerusform>
            <numerusform>%n especies</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} reviewed</source>
        <translation>
            <numerusform>{number} revisada</numerusform>
            <numerusform>{number} revisadas</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OutcomeView</name>
    <message>
        <source>Use it</source>
        <translation>Usarlo</translation>
    </message>
    <message>
        <source>Keep both</source>
        <translation>Guardar ambos</translation>
    </message>
    <message>
        <source>Identify with it from now on; photos that nobody reviewed are answered again</source>
        <translation>Identificar con él desde ahora; las fotos sin revisar se responden de nuevo</translation>
    </message>
    <message>
        <source>Keep it beside the model in use, for later</source>
        <translation>Guardarlo junto al modelo en uso, para más tarde</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Descartar</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>What would help:</source>
        <translation>Qué ayudaría:</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Medido</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Antes</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Ahora</translation>
    </message>
</context>
<context>
    <name>PairCard</name>
    <message>
        <source>No species was taken for another one.</source>
        <translation>Ninguna especie se confundió con otra.</translation>
    </message>
</context>
<context>
    <name>PeopleFilters</name>
    <message>
        <source>Several species</source>
        <translation>Varias especies</translation>
    </message>
    <message>
        <source>2 animals or more</source>
        <translation>2 animales o más</translation>
    </message>
    <message>
        <source>With comment</source>
        <translation>Con comentario</translation>
    </message>
    <message>
        <source>Corrected</source>
        <translation>Corregidas</translation>
    </message>
    <message>
        <source>Disagreement</source>
        <translation>Desacuerdo</translation>
    </message>
    <message>
        <source>The last words of two people differ</source>
        <translation>Lo último que dijeron dos personas es distinto</translation>
    </message>
    <message>
        <source>Any tag</source>
        <translation>Cualquier etiqueta</translation>
    </message>
    <message>
        <source>Any reviewer</source>
        <translation>Cualquier persona</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Etiqueta</translation>
    </message>
    <message>
        <source>Reviewer</source>
        <translation>Quién revisó</translation>
    </message>
    <message>
        <source>Models differ</source>
        <translation>Modelos difieren</translation>
    </message>
    <message>
        <source>Another model names something else</source>
        <translation>Otro modelo nombra otra cosa</translation>
    </message>
</context>
<context>
    <name>Photo</name>
    <message>
        <source>video</source>
        <translation>vídeo</translation>
    </message>
</context>
<context>
    <name>PhotoActions</name>
    <message>
        <source>Why?</source>
        <translation>¿Por qué?</translation>
    </message>
    <message>
        <source>Why? The next species</source>
        <translation>¿Por qué? La especie siguiente</translation>
    </message>
    <message>
        <source>Look closer</source>
        <translation>Ver más de cerca</translation>
    </message>
    <message>
        <source>Look from further away</source>
        <translation>Ver de más lejos</translation>
    </message>
    <message>
        <source>The whole photo</source>
        <translation>La foto entera</translation>
    </message>
    <message>
        <source>Each of its pixels (1:1)</source>
        <translation>Cada uno de sus píxeles (1:1)</translation>
    </message>
    <message>
        <source>Move to the left</source>
        <translation>Mover a la izquierda</translation>
    </message>
    <message>
        <source>Move to the right</source>
        <translation>Mover a la derecha</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>Mover hacia arriba</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>Mover hacia abajo</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Luz</translation>
    </message>
    <message>
        <source>Brighter</source>
        <translation>Más clara</translation>
    </message>
    <message>
        <source>Darker</source>
        <translation>Más oscura</translation>
    </message>
    <message>
        <source>More contrast</source>
        <translation>Más contraste</translation>
    </message>
    <message>
        <source>Less contrast</source>
        <translation>Menos contraste</translation>
    </message>
    <message>
        <source>Lift the shadows</source>
        <translation>Aclarar las sombras</translation>
    </message>
    <message>
        <source>Deepen the shadows</source>
        <translation>Oscurecer las sombras</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>Auto</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Conservar</translation>
    </message>
    <message>
        <source>As it is</source>
        <translation>Tal cual</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Detalles</translation>
    </message>
    <message>
        <source>Play the video</source>
        <translation>Reproducir el vídeo</translation>
    </message>
</context>
<context>
    <name>PhotoDialog</name>
    <message>
        <source>This photo can&apos;t be shown.</source>
        <translation>Esta foto no se puede mostrar.</translation>
    </message>
    <message>
        <source>{number} of {total}</source>
        <translation>{number} de {total}</translation>
    </message>
    <message>
        <source>The photo is not on this computer.</source>
        <translation>La foto no está en este equipo.</translation>
    </message>
</context>
<context>
    <name>PhotoPane</name>
    <message>
        <source>Size on the screen: {percent}</source>
        <translation>Tamaño en pantalla: {percent}</translation>
    </message>
</context>
<context>
    <name>PhotosPane</name>
    <message>
        <source>All errors</source>
        <translation>Errores</translation>
    </message>
    <message>
        <source>All correct</source>
        <translation>Aciertos</translation>
    </message>
    <message>
        <source>Choose nothing: show all photos again</source>
        <translation>No elegir nada: mostrar todas las fotos</translation>
    </message>
    <message>
        <source>Locate photos…</source>
        <translation>Buscar las fotos…</translation>
    </message>
    <message>
        <source>The chosen photos</source>
        <translation>Las fotos elegidas</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>Identify</source>
        <translation>Identificar</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Cámara</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>Resumen</translation>
    </message>
    <message>
        <source>Deployments</source>
        <translation>Despliegues</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportar</translation>
    </message>
    <message>
        <source>Analysis</source>
        <translation>Análisis</translation>
    </message>
    <message>
        <source>Teach</source>
        <translation>Enseñar</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
</context>
<context>
    <name>Preflight</name>
    <message>
        <source>{photos} in {folder}</source>
        <translation>{photos} en {folder}</translation>
    </message>
    <message>
        <source>{photos} and {videos} in {folder}</source>
        <translation>{photos} y {videos} en {folder}</translation>
    </message>
    <message>
        <source>measuring the speed with the first photos…</source>
        <translation>midiendo la velocidad con las primeras fotos…</translation>
    </message>
    <message>
        <source>{rate} photos per second on this computer: about {time} for the remaining {number}</source>
        <translation>{rate} fotos por segundo en este equipo: unos {time} para las {number} restantes</translation>
    </message>
    <message>
        <source>, and the videos on top</source>
        <translation>, y además los vídeos</translation>
    </message>
    <message>
        <source>The disk that keeps the survey lacks {size}: make room, or the run will stop.</source>
        <translation>Al disco que guarda el muestreo le faltan {size}: haga sitio, o el proceso se detendrá.</translation>
    </message>
</context>
<context>
    <name>PreflightSheet</name>
    <message>
        <source>Starts automatically in {number} s</source>
        <translation>Empieza automáticamente en {number} s</translation>
    </message>
    <message>
        <source>Answer &amp;bursts together: photos of one camera, up to</source>
        <translation>Responder &amp;ráfagas en conjunto: fotos de una cámara, hasta</translation>
    </message>
    <message>
        <source>seconds apart</source>
        <translation>segundos entre ellas</translation>
    </message>
    <message>
        <source>Most seconds between two photos of a burst</source>
        <translation>Segundos como máximo entre dos fotos de una ráfaga</translation>
    </message>
    <message>
        <source>Find the &amp;animals first: slower, for camera traps</source>
        <translation>Buscar primero los &amp;animales: más lento, para cámaras trampa</translation>
    </message>
    <message>
        <source>A detector searches the whole photo; each animal is identified by itself, blanks stay blank</source>
        <translation>Un detector busca en toda la foto; cada animal se identifica por separado y las vacías quedan vacías</translation>
    </message>
    <message>
        <source>Show this before a new survey</source>
        <translation>Mostrar esto antes de un muestreo nuevo</translation>
    </message>
    <message>
        <source>Without a detector&apos;s file</source>
        <translation>Sin archivo de detector</translation>
    </message>
    <message>
        <source>Identify &amp;videos too, one frame per second</source>
        <translation>Identificar también los &amp;vídeos, un fotograma por segundo</translation>
    </message>
    <message>
        <source>&amp;Detector&apos;s file…</source>
        <translation>Archivo de &amp;detector…</translation>
    </message>
    <message>
        <source>MegaDetector&apos;s results for this folder: each animal is identified by itself, blanks stay blank</source>
        <translation>Resultados de MegaDetector para esta carpeta: cada animal se identifica por separado, las vacías quedan vacías</translation>
    </message>
    <message>
        <source>All species at the &amp;site…</source>
        <translation>Todas las e&amp;species del lugar…</translation>
    </message>
    <message>
        <source>Species that don&apos;t occur at the site are never named</source>
        <translation>Las especies que no viven en el lugar no se nombran nunca</translation>
    </message>
    <message>
        <source>&amp;Identify</source>
        <translation>&amp;Identificar</translation>
    </message>
    <message>
        <source>&amp;Apply</source>
        <translation>&amp;Aplicar</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Ahora no</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>MegaDetector results (*.json)</source>
        <translation>Resultados de MegaDetector (*.json)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Choose a detector&apos;s file</source>
        <translation>Elegir el archivo de un detector</translation>
    </message>
</context>
<context>
    <name>ProblemList</name>
    <message>
        <source>Details</source>
        <translation>Detalles</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Archivo</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>Qué ocurre</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
</context>
<context>
    <name>ProblemsPanel</name>
    <message>
        <source>Save the list</source>
        <translation>Guardar la lista</translation>
    </message>
    <message>
        <source>problems.csv</source>
        <translation>problemas.csv</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>Tabla (*.csv)</translation>
    </message>
    <message>
        <source>All: {number}</source>
        <translation>Todos: {number}</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>Problemas</translation>
    </message>
    <message>
        <source>These can&apos;t be read, or only in part; everything else is identified.</source>
        <translation>Estos no se pueden leer, o solo en parte; todo lo demás está identificado.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>Try the selected ones again, or all that are shown if none is selected</source>
        <translation>Reintentar los seleccionados, o todos los mostrados si no hay ninguno seleccionado</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Mostrar en la carpeta</translation>
    </message>
    <message>
        <source>Save list…</source>
        <translation>Guardar lista…</translation>
    </message>
    <message>
        <source>Write the selected ones, or all that are shown, to a table (CSV)</source>
        <translation>Escribir los seleccionados, o todos los mostrados, en una tabla (CSV)</translation>
    </message>
    <message>
        <source>Reasons</source>
        <translation>Motivos</translation>
    </message>
    <message>
        <source>Hide the problems</source>
        <translation>Ocultar los problemas</translation>
    </message>
</context>
<context>
    <name>ProjectDialog</name>
    <message>
        <source>Project</source>
        <translation>Proyecto</translation>
    </message>
    <message>
        <source>by a sensor</source>
        <translation>por un sensor</translation>
    </message>
    <message>
        <source>at fixed times</source>
        <translation>a horas fijas</translation>
    </message>
    <message>
        <source>Animals are marked or recognised one by one</source>
        <translation>Los animales están marcados o se reconocen uno a uno</translation>
    </message>
    <message>
        <source>&amp;Title</source>
        <translation>&amp;Título</translation>
    </message>
    <message>
        <source>&amp;Person or organisation</source>
        <translation>&amp;Persona u organización</translation>
    </message>
    <message>
        <source>&amp;How places were chosen</source>
        <translation>&amp;Cómo se eligieron los lugares</translation>
    </message>
    <message>
        <source>Photos are taken</source>
        <translation>Las fotos se toman</translation>
    </message>
    <message>
        <source>at random</source>
        <translation>al azar</translation>
    </message>
    <message>
        <source>on a grid</source>
        <translation>en una cuadrícula</translation>
    </message>
    <message>
        <source>at random in clusters</source>
        <translation>al azar en grupos</translation>
    </message>
    <message>
        <source>as an experiment</source>
        <translation>como experimento</translation>
    </message>
    <message>
        <source>where animals were expected</source>
        <translation>donde se esperaban animales</translation>
    </message>
    <message>
        <source>where it was convenient</source>
        <translation>donde era cómodo</translation>
    </message>
</context>
<context>
    <name>QAbstractFileIconProvider</name>
    <message>
        <source>Drive</source>
        <translation>Unidad</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Archivo</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>%1 File</source>
        <translation>Archivo %1</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>&amp;Look in:</source>
        <translation>&amp;Buscar en:</translation>
    </message>
    <message>
        <source>Files of &amp;type:</source>
        <translation>&amp;Tipo de archivo:</translation>
    </message>
</context>
<context>
    <name>QShortcut</name>
    <message>
        <source>Shift</source>
        <translation>Mayús</translation>
    </message>
    <message>
        <source>Ctrl</source>
        <translation>Ctrl</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Screens</source>
        <translation>Pantallas</translation>
    </message>
</context>
<context>
    <name>RecentList</name>
    <message>
        <source>its file is damaged: choose it to restore it</source>
        <translation>su archivo está dañado: elíjalo para restaurarlo</translation>
    </message>
    <message>
        <source>{reviewed} of {total} reviewed</source>
        <translation>{reviewed} de {total} revisadas</translation>
    </message>
    <message>
        <source>{number} waiting</source>
        <translation>{number} en espera</translation>
    </message>
    <message>
        <source>its folder is not here</source>
        <translation>su carpeta no está aquí</translation>
    </message>
</context>
<context>
    <name>RemarkBar</name>
    <message>
        <source>Comment</source>
        <translation>Comentario</translation>
    </message>
    <message>
        <source>Comment on the photo</source>
        <translation>Comentario sobre la foto</translation>
    </message>
    <message>
        <source>Tags, with commas between them</source>
        <translation>Etiquetas, separadas por comas</translation>
    </message>
    <message>
        <source>Tags of the photo</source>
        <translation>Etiquetas de la foto</translation>
    </message>
    <message>
        <source>Comment and tags of the photo (T)</source>
        <translation>Comentario y etiquetas de la foto (T)</translation>
    </message>
    <message>
        <source>Comment and tags… (T)</source>
        <translation>Comentario y etiquetas… (T)</translation>
    </message>
</context>
<context>
    <name>ReportDialog</name>
    <message>
        <source>Report for support</source>
        <translation>Informe para soporte</translation>
    </message>
    <message>
        <source>Look through what it contains, save it, and attach it to your message. Avistar sends nothing.</source>
        <translation>Revise lo que contiene, guárdelo y adjúntelo a su mensaje. Avistar no envía nada.</translation>
    </message>
    <message>
        <source>Trying what this computer can run…</source>
        <translation>Probando lo que este equipo puede ejecutar…</translation>
    </message>
    <message>
        <source>Files in the report</source>
        <translation>Archivos del informe</translation>
    </message>
    <message>
        <source>What the chosen file says</source>
        <translation>Lo que dice el archivo elegido</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>Guardar informe…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Saved as {file}.</source>
        <translation>Guardado como {file}.</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Guardar informe</translation>
    </message>
</context>
<context>
    <name>RestoreDialog</name>
    <message>
        <source>Choose a copy, or rebuild what can still be read. The damaged file is kept beside it.</source>
        <translation>Elija una copia o reconstruya lo que aún se pueda leer. El archivo dañado se conserva al lado.</translation>
    </message>
    <message>
        <source>Restore the survey</source>
        <translation>Restaurar el muestreo</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>&amp;Restaurar</translation>
    </message>
    <message>
        <source>{day}  ·  {photos} photos, {reviewed} reviewed</source>
        <translation>{day}  ·  {photos} fotos, {reviewed} revisadas</translation>
    </message>
    <message>
        <source>Rebuild what can still be read</source>
        <translation>Reconstruir lo que aún se pueda leer</translation>
    </message>
</context>
<context>
    <name>ReviewBar</name>
    <message>
        <source>{shown} of {total} shown</source>
        <translation>{shown} de {total} a la vista</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Quitar filtros</translation>
    </message>
    <message>
        <source>{reviewed} of {total} reviewed</source>
        <translation>{reviewed} de {total} revisadas</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Idioma</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Tema</translation>
    </message>
    <message>
        <source>&amp;Your name, for reviews</source>
        <translation>&amp;Su nombre, para las revisiones</translation>
    </message>
    <message>
        <source>Tell me when a long run has ended</source>
        <translation>Avisarme cuando termine un trabajo largo</translation>
    </message>
    <message>
        <source>Show what is in a new folder before it is identified</source>
        <translation>Mostrar qué hay en una carpeta nueva antes de identificarla</translation>
    </message>
    <message>
        <source>Everything is kept on this computer. Avistar never sends anything.</source>
        <translation>Todo se guarda en este equipo. Avistar nunca envía nada.</translation>
    </message>
</context>
<context>
    <name>SideBySide</name>
    <message>
        <source>Side by side</source>
        <translation>Una junto a otra</translation>
    </message>
    <message>
        <source>&amp;Zoom and move both</source>
        <translation>Ampliar y mover &amp;ambas</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
</context>
<context>
    <name>SideBySideView</name>
    <message>
        <source>Models side by side</source>
        <translation>Comparación de modelos</translation>
    </message>
    <message>
        <source>Measure all</source>
        <translation>Medir todos</translation>
    </message>
    <message>
        <source>The speed of each model on this computer, and its answers to the photos that you reviewed</source>
        <translation>La velocidad de cada modelo en este equipo y sus respuestas a las fotos que usted revisó</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Etiquetas</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>Its test photos</source>
        <translation>Fotos de prueba</translation>
    </message>
    <message>
        <source>Speed here</source>
        <translation>Velocidad aquí</translation>
    </message>
    <message>
        <source>Your reviewed photos</source>
        <translation>Fotos revisadas</translation>
    </message>
</context>
<context>
    <name>Sighting</name>
    <message>
        <source>female</source>
        <translation>hembra</translation>
    </message>
    <message>
        <source>male</source>
        <translation>macho</translation>
    </message>
    <message>
        <source>adult</source>
        <translation>adulto</translation>
    </message>
    <message>
        <source>subadult</source>
        <translation>subadulto</translation>
    </message>
    <message>
        <source>juvenile</source>
        <translation>juvenil</translation>
    </message>
    <message>
        <source>nobody named</source>
        <translation>sin nombre</translation>
    </message>
    <message>
        <source>{said} (differs)</source>
        <translation>{said} (difiere)</translation>
    </message>
</context>
<context>
    <name>SiteDialog</name>
    <message>
        <source>Species at the site</source>
        <translation>Especies del lugar</translation>
    </message>
    <message>
        <source>Only ticked species are named. Nothing is identified anew: it can be changed at any time.</source>
        <translation>Solo se nombran las especies marcadas. Nada se identifica de nuevo: puede cambiarse en cualquier momento.</translation>
    </message>
    <message>
        <source>&amp;All</source>
        <translation>&amp;Todas</translation>
    </message>
    <message>
        <source>&amp;None</source>
        <translation>&amp;Ninguna</translation>
    </message>
    <message>
        <source>&amp;Use these species</source>
        <translation>&amp;Usar estas especies</translation>
    </message>
</context>
<context>
    <name>SpeciesCard</name>
    <message>
        <source>No answer yet</source>
        <translation>Sin respuesta todavía</translation>
    </message>
</context>
<context>
    <name>SpeciesDialog</name>
    <message>
        <source>Another species</source>
        <translation>Otra especie</translation>
    </message>
    <message>
        <source>What is it?</source>
        <translation>¿Qué es?</translation>
    </message>
    <message>
        <source>Type a name: “fox”, “zorro”, “Vulpes”</source>
        <translation>Escribe un nombre: «zorro», «fox», «Vulpes»</translation>
    </message>
    <message>
        <source>Name of the species</source>
        <translation>Nombre de la especie</translation>
    </message>
    <message>
        <source>Species</source>
        <translation>Especies</translation>
    </message>
    <message>
        <source>Mammals and birds of the world</source>
        <translation>Mamíferos y aves del mundo</translation>
    </message>
    <message>
        <source>Add “{name}” to this survey</source>
        <translation>Añadir «{name}» a este muestreo</translation>
    </message>
    <message>
        <source>{name} (“{other}”)</source>
        <translation>{name} («{other}»)</translation>
    </message>
    <message>
        <source>The survey has “{name}” already: choose that one. Another animal needs another name: type one.</source>
        <translation>El muestreo ya tiene «{name}»: elige esa. Otro animal necesita otro nombre: escríbelo.</translation>
    </message>
</context>
<context>
    <name>SpeciesModel</name>
    <message>
        <source>Species</source>
        <translation>Especies</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Sensibilidad</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisión</translation>
    </message>
    <message>
        <source>F1</source>
        <translation>F1</translation>
    </message>
    <message>
        <source>Chosen</source>
        <translation>Elegidas</translation>
    </message>
    <message>
        <source>Δ recall</source>
        <translation>Δ sensibilidad</translation>
    </message>
    <message>
        <source>With 95 % certainty between {low} and {high}</source>
        <translation>Con un 95 % de certeza, entre {low} y {high}</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Open card {name} ({size})</source>
        <translation>Abrir la tarjeta {name} ({size})</translation>
    </message>
    <message>
        <source>Drop photos or folders here</source>
        <translation>Suelte aquí fotos o carpetas</translation>
    </message>
    <message>
        <source>A memory card&apos;s whole folder is fine: subfolders are included.</source>
        <translation>Sirve la carpeta entera de una tarjeta: se incluyen las subcarpetas.</translation>
    </message>
    <message>
        <source>Photos stay on this computer and are never changed.</source>
        <translation>Las fotos no salen de este equipo y nunca se modifican.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>Recent surveys</source>
        <translation>Muestreos recientes</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Abrir carpeta…</translation>
    </message>
    <message>
        <source>Open photos…</source>
        <translation>Abrir fotos…</translation>
    </message>
</context>
<context>
    <name>StatusStrip</name>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n problema</numerusform>
            <numerusform>%n problemas</numerusform>
        </translation>
    </message>
    <message>
        <source>What identifies: {engine}</source>
        <translation>Lo que identifica: {engine}</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Progreso</translation>
    </message>
    <message>
        <source>Opening the model…</source>
        <translation>Abriendo el modelo…</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Sin modelo</translation>
    </message>
    <message>
        <source>Photos wait until a model is open.</source>
        <translation>Las fotos esperan hasta que haya un modelo abierto.</translation>
    </message>
    <message>
        <source>{number} species</source>
        <translation>{number} especies</translation>
    </message>
    <message>
        <source>Right on {percent} of {photos} photos that it had never seen</source>
        <translation>Acierta en el {percent} de {photos} fotos que nunca había visto</translation>
    </message>
    <message>
        <source>Not used: {reason}</source>
        <translation>No se usa: {reason}</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Actividad</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Mapa</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Cámaras</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Días</translation>
    </message>
    <message>
        <source>When independent events begin, by the cameras&apos; clocks. The curve is a kernel density over the clock (Ridout &amp; Linkie 2009, bandwidth after Taylor 2008).</source>
        <translation>A qué hora empiezan los eventos independientes, según los relojes de las cámaras. La curva es una densidad por núcleos sobre las 24 horas (Ridout y Linkie 2009; ancho de banda según Taylor 2008).</translation>
    </message>
    <message>
        <source>A circle&apos;s area grows with the events of the chosen species. Distances are true in the middle.</source>
        <translation>El área de cada círculo crece con los eventos de la especie elegida. Las distancias son exactas en el centro.</translation>
    </message>
    <message>
        <source>All photos and videos: the stronger the colour, the more of them on that day.</source>
        <translation>Todas las fotos y vídeos: cuanto más intenso el color, más hubo ese día.</translation>
    </message>
    <message>
        <source>An event belongs to the day on which it begins.</source>
        <translation>Un evento pertenece al día en que empieza.</translation>
    </message>
    <message>
        <source>Species</source>
        <translation>Especie</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Eventos</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Animals</source>
        <translation>Animales</translation>
    </message>
    <message>
        <source>/ 100 nights</source>
        <translation>/ 100 noches</translation>
    </message>
    <message>
        <source>All animals</source>
        <translation>Todos los animales</translation>
    </message>
    <message>
        <source>Open a survey first: what it says is summed up here.</source>
        <translation>Abre primero un muestreo: aquí se resume lo que dice.</translation>
    </message>
    <message>
        <source>Counting …</source>
        <translation>Contando…</translation>
    </message>
    <message>
        <source>Written: {file}</source>
        <translation>Escrito: {file}</translation>
    </message>
    <message>
        <source>No camera&apos;s place is known. Write latitude and longitude under Deployments; photos that hold coordinates don&apos;t need it.</source>
        <translation>No se sabe dónde estuvo ninguna cámara. Anote latitud y longitud en Despliegues; las fotos con coordenadas no lo necesitan.</translation>
    </message>
    <message>
        <source>Tables already exist in {folder}. Replace them?</source>
        <translation>En {folder} ya hay tablas. ¿Reemplazarlas?</translation>
    </message>
</context>
<context>
    <name>SummaryCharts</name>
    <message>
        <source>{camera}, {day}: {number} photos</source>
        <translation>{camera}, {day}: {number} fotos</translation>
    </message>
    <message>
        <source>photos</source>
        <translation>fotos</translation>
    </message>
    <message>
        <source>at work, no photo</source>
        <translation>en funcionamiento, sin fotos</translation>
    </message>
    <message>
        <source>none for 7 days or more</source>
        <translation>ninguna en 7 días o más</translation>
    </message>
    <message>
        <source>none until the end</source>
        <translation>ninguna hasta el final</translation>
    </message>
    <message>
        <source>No event of this species has a time.</source>
        <translation>Ningún evento de esta especie tiene hora.</translation>
    </message>
    <message>
        <source>Share of events in an hour</source>
        <translation>Proporción de eventos en una hora</translation>
    </message>
    <message>
        <source>Fewer than 10 events: too few for a curve</source>
        <translation>Menos de 10 eventos: muy pocos para una curva</translation>
    </message>
    <message>
        <source>Events in {days} days</source>
        <translation>Eventos en {days} días</translation>
    </message>
    <message>
        <source>Events in a day</source>
        <translation>Eventos en un día</translation>
    </message>
</context>
<context>
    <name>SummaryPage</name>
    <message>
        <source>Summary</source>
        <translation>Resumen</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Reemplazar</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Independent after</source>
        <translation>Independientes tras</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>Minutes between independent events</source>
        <translation>Minutos entre eventos independientes</translation>
    </message>
    <message>
        <source>Least time between the beginnings of two events of a species at a camera (camtrapR: minDeltaTime)</source>
        <translation>Tiempo mínimo entre los inicios de dos eventos de una especie en una cámara (camtrapR: minDeltaTime)</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>Guardar informe…</translation>
    </message>
    <message>
        <source>All figures and pictures as one page that needs no internet (Ctrl+S)</source>
        <translation>Todas las cifras y gráficos en una página que no necesita internet (Ctrl+S)</translation>
    </message>
    <message>
        <source>Save tables…</source>
        <translation>Guardar tablas…</translation>
    </message>
    <message>
        <source>The numbers behind each picture, as CSV</source>
        <translation>Los números de cada gráfico, en CSV</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Guardar informe</translation>
    </message>
    <message>
        <source>Save tables</source>
        <translation>Guardar tablas</translation>
    </message>
</context>
<context>
    <name>SurveyCare</name>
    <message>
        <source>Where are the photos of this survey?</source>
        <translation>¿Dónde están las fotos de este muestreo?</translation>
    </message>
    <message>
        <source>This is {name}, last seen at {folder}. {reviewed} of {total} reviewed.</source>
        <translation>Esto es {name}, que antes estaba en {folder}. {reviewed} de {total} revisadas.</translation>
    </message>
    <message>
        <source>Continue it</source>
        <translation>Continuarlo</translation>
    </message>
    <message>
        <source>Start a new one</source>
        <translation>Empezar uno nuevo</translation>
    </message>
    <message>
        <source>Locate…</source>
        <translation>Buscar…</translation>
    </message>
    <message>
        <source>The photos of this survey aren&apos;t in that folder.</source>
        <translation>Las fotos de este muestreo no están en esa carpeta.</translation>
    </message>
    <message>
        <source>The file of this survey is damaged.</source>
        <translation>El archivo de este muestreo está dañado.</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translation>Restaurar…</translation>
    </message>
    <message>
        <source>Restored: {photos} photos, {reviewed} reviewed.</source>
        <translation>Restaurado: {photos} fotos, {reviewed} revisadas.</translation>
    </message>
    <message>
        <source>That was not possible. Nothing was changed.</source>
        <translation>No fue posible. No se cambió nada.</translation>
    </message>
</context>
<context>
    <name>Teach</name>
    <message>
        <source>Learning</source>
        <translation>Aprendiendo</translation>
    </message>
    <message>
        <source>Cancelled. Nothing was changed.</source>
        <translation>Cancelado. No se ha cambiado nada.</translation>
    </message>
    <message>
        <source>Open a survey and review some photos: what you say of them is what is learned.</source>
        <translation>Abra un muestreo y revise algunas fotos: el modelo aprende de lo que usted diga.</translation>
    </message>
    <message>
        <source>In use: {name}, {species}. It was taught nothing here yet.</source>
        <translation>En uso: {name}, {species}. Aquí aún no se le ha enseñado nada.</translation>
    </message>
    <message>
        <source>In use: {name}, {species}. Taught on {date} from {photos} of {cameras}: {taught}.</source>
        <translation>En uso: {name}, {species}. Enseñado el {date} con {photos} de {cameras}: {taught}.</translation>
    </message>
    <message>
        <source>Go back to {name}</source>
        <translation>Volver a {name}</translation>
    </message>
    <message>
        <source>new</source>
        <translation>nueva</translation>
    </message>
    <message>
        <source>can&apos;t be judged: one camera and day only</source>
        <translation>no se puede juzgar: solo hay una cámara y un día</translation>
    </message>
    <message>
        <source>{before} → {after}
With 95 % certainty between {low} and {high} now</source>
        <translation>{before} → {after}
Con un 95 % de certeza, ahora entre {low} y {high}</translation>
    </message>
    <message>
        <source>There is too little to learn from yet. What is missing stands beside each species.</source>
        <translation>Todavía hay demasiado poco de qué aprender. Lo que falta está junto a cada especie.</translation>
    </message>
    <message>
        <source>Ready to learn from {photos} of {cameras}: {species}.</source>
        <translation>Listo para aprender de {photos} de {cameras}: {species}.</translation>
    </message>
    <message>
        <source>{species}, {new} of them new</source>
        <translation>{species}, {new} de ellas nuevas</translation>
    </message>
    <message>
        <source>Looking at photos</source>
        <translation>Mirando fotos</translation>
    </message>
    <message>
        <source>Learning and judging</source>
        <translation>Aprendiendo y juzgando</translation>
    </message>
    <message>
        <source>It got better: {before} right before, {after} now.</source>
        <translation>Ha mejorado: antes acertaba el {before}, ahora el {after}.</translation>
    </message>
    <message>
        <source>Not better, so it can&apos;t be used.</source>
        <translation>No ha mejorado, así que no se puede usar.</translation>
    </message>
    <message>
        <source>Judged on {photos}, each by a model that saw neither it nor another photo of that camera&apos;s day or burst.</source>
        <translation>Juzgado con {photos}, cada una por un modelo que no vio ni esa ni otra foto de la misma cámara y día o de la misma ráfaga.</translation>
    </message>
    <message>
        <source>All of these photos taught this model before. Review others.</source>
        <translation>Todas estas fotos ya enseñaron a este modelo. Revise otras.</translation>
    </message>
    <message>
        <source>On your photos: {before} right before, {after} now. That may be chance.</source>
        <translation>En sus fotos: antes acertaba el {before}, ahora el {after}. Puede ser casualidad.</translation>
    </message>
    <message>
        <source>Animals that the model knows would be named less often here.</source>
        <translation>Aquí reconocería menos que antes los animales que ya conoce.</translation>
    </message>
    <message>
        <source>It would forget: {lost} points of its own test photos lost, at most {allowed}.</source>
        <translation>Olvidaría: pierde {lost} puntos en sus propias fotos de prueba; como mucho se permiten {allowed}.</translation>
    </message>
    <message>
        <source>It would take more animals that it doesn&apos;t know for some that it knows.</source>
        <translation>Confundiría más animales que no conoce con otros que sí conoce.</translation>
    </message>
    <message>
        <source>The model carries no photos of its own to prove that it forgets nothing: review {number} photos of animals that it knows.</source>
        <translation>El modelo no trae fotos propias para probar que no olvida nada: revise {number} fotos de animales que conoce.</translation>
    </message>
    <message>
        <source>Your photos: right</source>
        <translation>Sus fotos: aciertos</translation>
    </message>
    <message>
        <source>Its own test photos: right</source>
        <translation>Sus fotos de prueba: aciertos</translation>
    </message>
    <message>
        <source>Other animals told apart (area under ROC)</source>
        <translation>Distingue otros animales (área bajo ROC)</translation>
    </message>
    <message>
        <source>Your photos: calibration error</source>
        <translation>Sus fotos: error de calibración</translation>
    </message>
    <message>
        <source>Better: {number}</source>
        <translation>Mejor: {number}</translation>
    </message>
    <message>
        <source>Worse: {number}</source>
        <translation>Peor: {number}</translation>
    </message>
    <message>
        <source>Kept as {name}. Models lists it; the one in use stays.</source>
        <translation>Guardado como {name}. Está en Modelos; sigue en uso el de antes.</translation>
    </message>
    <message>
        <source>{name} is in use from now on.</source>
        <translation>Desde ahora se usa {name}.</translation>
    </message>
    <message>
        <source>Looking at your reviews…</source>
        <translation>Mirando sus revisiones…</translation>
    </message>
</context>
<context>
    <name>TeachPage</name>
    <message>
        <source>and {number} more</source>
        <translation>y {number} más</translation>
    </message>
    <message>
        <source>What there is to learn</source>
        <translation>De qué puede aprender</translation>
    </message>
    <message>
        <source>Learn from</source>
        <translation>Aprender de</translation>
    </message>
    <message>
        <source>Teach the model the animals of this place</source>
        <translation>Enseñe al modelo los animales de este lugar</translation>
    </message>
    <message>
        <source>Name of the taught model</source>
        <translation>Nombre del modelo nuevo</translation>
    </message>
    <message>
        <source>Every photo that you reviewed teaches: new species are added, and known ones learned as your cameras see them.

It happens on this computer, in about a minute for a thousand photos. Before anything is used, the new model has to prove on photos kept apart that it got better here and forgot nothing.</source>
        <translation>Cada foto que ha revisado enseña: se añaden especies nuevas y las conocidas se aprenden tal como las ven sus cámaras.

Todo ocurre en este equipo, en cerca de un minuto por cada mil fotos. Antes de usarse, el modelo nuevo tiene que probar con fotos apartadas que aquí ha mejorado y que no ha olvidado nada.</translation>
    </message>
    <message>
        <source>Learn</source>
        <translation>Aprender</translation>
    </message>
    <message>
        <source>Species</source>
        <translation>Especie</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Cámaras</translation>
    </message>
    <message>
        <source>Right before → now</source>
        <translation>Aciertos antes → ahora</translation>
    </message>
</context>
<context>
    <name>ThingEditor</name>
    <message>
        <source>Count: –</source>
        <translation>Número: –</translation>
    </message>
    <message>
        <source>Count: </source>
        <translation>Número: </translation>
    </message>
    <message>
        <source>Sex: –</source>
        <translation>Sexo: –</translation>
    </message>
    <message>
        <source>Life stage: –</source>
        <translation>Edad: –</translation>
    </message>
    <message>
        <source>Number of animals</source>
        <translation>Número de animales</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>Sexo</translation>
    </message>
    <message>
        <source>Life stage</source>
        <translation>Edad</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>Comportamiento</translation>
    </message>
    <message>
        <source>Individual</source>
        <translation>Individuo</translation>
    </message>
    <message>
        <source>Comment on this animal</source>
        <translation>Comentario sobre este animal</translation>
    </message>
</context>
<context>
    <name>ThingRow</name>
    <message>
        <source>reviewed</source>
        <translation>revisado</translation>
    </message>
    <message>
        <source>the model: {percent}</source>
        <translation>el modelo: {percent}</translation>
    </message>
</context>
<context>
    <name>ToneBar</name>
    <message>
        <source>Brightness</source>
        <translation>Brillo</translation>
    </message>
    <message>
        <source>Contrast</source>
        <translation>Contraste</translation>
    </message>
    <message>
        <source>Gamma</source>
        <translation>Gamma</translation>
    </message>
</context>
<context>
    <name>UserGuide</name>
    <message>
        <source>User guide</source>
        <translation>Guía de uso</translation>
    </message>
    <message>
        <source>Pages of the guide</source>
        <translation>Páginas de la guía</translation>
    </message>
    <message>
        <source>The chosen page</source>
        <translation>La página elegida</translation>
    </message>
</context>
<context>
    <name>VideoBar</name>
    <message>
        <source>Stop playing (X)</source>
        <translation>Detener (X)</translation>
    </message>
    <message>
        <source>Play the video (X)</source>
        <translation>Reproducir el vídeo (X)</translation>
    </message>
    <message>
        <source>Moment in the video; marks are the frames that were looked at</source>
        <translation>Momento del vídeo; las marcas son los fotogramas analizados</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>en</source>
        <extracomment>Code of the language of this file: en or es</extracomment>
        <translation>es</translation>
    </message>
    <message>
        <source>almost certain</source>
        <translation>casi seguro</translation>
    </message>
    <message>
        <source>very likely</source>
        <translation>muy probable</translation>
    </message>
    <message>
        <source>likely</source>
        <translation>probable</translation>
    </message>
    <message>
        <source>possible</source>
        <translation>posible</translation>
    </message>
    <message>
        <source>unlikely</source>
        <translation>poco probable</translation>
    </message>
    <message>
        <source>very unlikely</source>
        <translation>muy poco probable</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Como el sistema</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Claro</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Oscuro</translation>
    </message>
    <message>
        <source>Not identified</source>
        <translation>Sin identificar</translation>
    </message>
    <message>
        <source>Clear enough to name the species.</source>
        <translation>Lo bastante claro para nombrar la especie.</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Desconocido</translation>
    </message>
    <message>
        <source>{first} or {second}</source>
        <comment>the second name begins with the sound o</comment>
        <translation>{first} u {second}</translation>
    </message>
    <message>
        <source>{first} or {second}</source>
        <translation>{first} o {second}</translation>
    </message>
    <message>
        <source>No single species is clear enough; the group as a whole reaches {percent}.</source>
        <translation>Ninguna especie está lo bastante clara; el grupo en conjunto alcanza el {percent}.</translation>
    </message>
    <message>
        <source>It looks like none of the {known} species that this model knows.</source>
        <translation>No se parece a ninguna de las {known} especies que conoce este modelo.</translation>
    </message>
    <message>
        <source>It looks like a species that is not on this site&apos;s list.</source>
        <translation>Se parece a una especie que no está en la lista de este lugar.</translation>
    </message>
    <message>
        <source>Several species of different groups are possible; none is clear enough.</source>
        <translation>Son posibles varias especies de grupos distintos; ninguna está lo bastante clara.</translation>
    </message>
    <message>
        <source>The file has disappeared.</source>
        <translation>El archivo ha desaparecido.</translation>
    </message>
    <message>
        <source>The file can&apos;t be opened.</source>
        <translation>El archivo no se puede abrir.</translation>
    </message>
    <message>
        <source>The file is empty (0 bytes).</source>
        <translation>El archivo está vacío (0 bytes).</translation>
    </message>
    <message>
        <source>This is not a picture.</source>
        <translation>No es una imagen.</translation>
    </message>
    <message>
        <source>This kind of picture can&apos;t be read; save it as JPEG or PNG.</source>
        <translation>Este tipo de imagen no se puede leer; guárdela como JPEG o PNG.</translation>
    </message>
    <message>
        <source>The file is too damaged to be read.</source>
        <translation>El archivo está demasiado dañado para leerlo.</translation>
    </message>
    <message>
        <source>The picture is too large to be read.</source>
        <translation>La imagen es demasiado grande para leerla.</translation>
    </message>
    <message>
        <source>The picture is too small to show an animal.</source>
        <translation>La imagen es demasiado pequeña para mostrar un animal.</translation>
    </message>
    <message>
        <source>The model gave no valid answer.</source>
        <translation>El modelo no dio una respuesta válida.</translation>
    </message>
    <message>
        <source>Reading it ends the program that does so.</source>
        <translation>Leerla termina el programa que lo hace.</translation>
    </message>
    <message>
        <source>not calibrated</source>
        <translation>sin calibrar</translation>
    </message>
    <message>
        <source>The folder can&apos;t be opened.</source>
        <translation>La carpeta no se puede abrir.</translation>
    </message>
    <message>
        <source>incomplete file</source>
        <translation>archivo incompleto</translation>
    </message>
    <message>
        <source>the camera&apos;s preview of a raw photo</source>
        <translation>la vista previa de una foto RAW</translation>
    </message>
    <message>
        <source>one frame of the video</source>
        <translation>un fotograma del vídeo</translation>
    </message>
    <message>
        <source>first frame of an animation</source>
        <translation>primer cuadro de una animación</translation>
    </message>
    <message>
        <source>No animal</source>
        <translation>Sin animal</translation>
    </message>
    <message>
        <source>Animal</source>
        <translation>Animal</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>Persona</translation>
    </message>
    <message>
        <source>Vehicle</source>
        <translation>Vehículo</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>En espera</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fallida</translation>
    </message>
    <message>
        <source>{finding}, reviewed</source>
        <translation>{finding}, revisada</translation>
    </message>
    <message>
        <source>Reviewed: {finding} ({by})</source>
        <translation>Revisada: {finding} ({by})</translation>
    </message>
    <message>
        <source>{rate} per second</source>
        <translation>{rate} por segundo</translation>
    </message>
    <message>
        <source>{number} reviewed</source>
        <translation>revisadas: {number}</translation>
    </message>
    <message>
        <source>{number} s</source>
        <translation>{number} s</translation>
    </message>
    <message>
        <source>{group}, probably {pair}</source>
        <translation>{group}, probablemente {pair}</translation>
    </message>
    <message>
        <source>Dog family</source>
        <translation>Cánido</translation>
    </message>
    <message>
        <source>Cat family</source>
        <translation>Félido</translation>
    </message>
    <message>
        <source>Weasel family</source>
        <translation>Mustélido</translation>
    </message>
    <message>
        <source>Raccoon family</source>
        <translation>Prociónido</translation>
    </message>
    <message>
        <source>Seal or walrus</source>
        <translation>Foca o morsa</translation>
    </message>
    <message>
        <source>Whale or dolphin</source>
        <translation>Ballena o delfín</translation>
    </message>
    <message>
        <source>Only a part of it could be read.</source>
        <translation>Solo se pudo leer una parte.</translation>
    </message>
    <message>
        <source>{number} min</source>
        <translation>{number} min</translation>
    </message>
    <message>
        <source>{number} h</source>
        <translation>{number} h</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>en pausa</translation>
    </message>
    <message>
        <source>waiting for you</source>
        <translation>a la espera de usted</translation>
    </message>
    <message>
        <source>not started yet</source>
        <translation>aún sin empezar</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Listo</translation>
    </message>
    <message>
        <source>{done} of {total} photos</source>
        <translation>{done} de {total} fotos</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>tiempo restante: {time}</translation>
    </message>
    <message>
        <source>Confidences are calibrated: of photos at 80 %, about 80 in 100 are right.</source>
        <translation>Las confianzas están calibradas: de las fotos al 80 %, aciertan unas 80 de cada 100.</translation>
    </message>
    <message>
        <source>Not calibrated: nobody held these confidences against photos. Of those at 80 %, far fewer may be right.</source>
        <translation>Sin calibrar: nadie ha contrastado estas confianzas con fotos. De las del 80 %, puede que acierten muchas menos.</translation>
    </message>
</context>
<context>
    <name>WorkPanel</name>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Registro</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Progreso</translation>
    </message>
</context>
<context>
    <name>_ChoiceDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
</context>
<context>
    <name>_Counted</name>
    <message numerus="yes">
        <source>%n photo(s)</source>
        <translation>
            <numerusform>%n foto</numerusform>
            <numerusform>%n fotos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n error(s)</source>
        <translation>
            <numerusform>%n error</numerusform>
            <numerusform>%n errores</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them bear(s) the name of a photo that trained it, which flatters.</source>
        <translation>
            <numerusform>%n de ellas lleva el nombre de una foto que lo entrenó, lo que favorece.</numerusform>
            <numerusform>%n de ellas llevan el nombre de una foto que lo entrenó, lo que favorece.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not one of the species: %n, of which {unknown} came out unknown</source>
        <translation>
            <numerusform>No es ninguna de las especies: %n; salieron como desconocidas: {unknown}</numerusform>
            <numerusform>No son ninguna de las especies: %n, de las que salieron como desconocidas {unknown}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n without an answer</source>
        <translation>
            <numerusform>%n sin respuesta</numerusform>
            <numerusform>%n sin respuesta</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n answered by another model</source>
        <translation>
            <numerusform>%n identificada por otro modelo</numerusform>
            <numerusform>%n identificadas por otro modelo</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n video(s), not judged</source>
        <translation>
            <numerusform>%n vídeo, sin juzgar</numerusform>
            <numerusform>%n vídeos, sin juzgar</numerusform>
        </translation>
    </message>
</context>
</TS>
