<doc id="1" title="Ferry late again" date="2035-12-25" source="Holm Post">
<p>
<s>
The	TAG	the
ferry	TAG	ferry
(	TAG	(
the	TAG	the
old	TAG	old
one	TAG	one
<g/>
)	TAG	)
was	TAG	was
late	TAG	late
again	TAG	again
<g/>
,	TAG	,
and	TAG	and
people	TAG	people
waited	TAG	waited
<g/>
.	TAG	.
</s>
<s>
Nobody	TAG	nobody
was	TAG	was
hurt	TAG	hurt
<g/>
.	TAG	.
</s>
</p>
</doc>
<doc id="2" title="Rolls" date="2035-12-26" source="Holm Post">
<s>
Bakers	TAG	bakers
baked	TAG	baked
nine	TAG	nine
thousand	TAG	thousand
rolls	TAG	rolls
,	TAG	,
more	TAG	more
than	TAG	than
in	TAG	in
any	TAG	any
year	TAG	year
before	TAG	before
.	TAG	.
</s>
</doc>
