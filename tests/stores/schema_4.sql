BEGIN TRANSACTION;
CREATE TABLE calls (
	run INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	question INTEGER, 
	trial INTEGER, 
	at DOUBLE NOT NULL, 
	model VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	dollars DOUBLE, 
	finish_reason VARCHAR, 
	error TEXT, 
	seconds DOUBLE, 
	usage JSON, 
	request JSON, 
	reply TEXT, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
CREATE TABLE events (
	run INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	kind VARCHAR NOT NULL, 
	host VARCHAR NOT NULL, 
	pid INTEGER NOT NULL, 
	process VARCHAR NOT NULL, 
	seconds DOUBLE, 
	text TEXT NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "events" VALUES(1,0,1.79607247107355237009e+09,'started','host',29437,'a6b94c19:354191',0.0,'');
INSERT INTO "events" VALUES(1,1,1.79607248679392719273e+09,'finished','host',29437,'a6b94c19:354191',1.57202579975128173828e+01,'');
CREATE TABLE ledger (
	run INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	kind VARCHAR NOT NULL, 
	reservation INTEGER NOT NULL, 
	dollars VARCHAR NOT NULL, 
	tokens INTEGER NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
CREATE TABLE measurements (
	run INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	purpose VARCHAR NOT NULL, 
	program VARCHAR NOT NULL, 
	score DOUBLE, 
	partial DOUBLE, 
	validation DOUBLE, 
	spread DOUBLE, 
	stopped VARCHAR NOT NULL, 
	seconds DOUBLE, 
	referee_seconds DOUBLE, 
	player_seconds DOUBLE, 
	foul JSON, 
	metrics JSON, 
	isolation JSON, 
	outcomes JSON, 
	source TEXT NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "measurements" VALUES(1,0,1.7960724718258652687e+09,'reference','zero',0.0,NULL,0.0,NULL,'',3.65853318000063154613e-01,2.18792690000000344952e-02,0.048760506,NULL,'{"given":0.0}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.0,0.0,0.0,0.0,0.0,0.0],"metrics":{"given":[0.0,0.0,0.0,0.0,0.0,0.0]},"feedback":["train-0: answered 0.0","train-1: answered 0.0","train-2: answered 0.0","train-3: answered 0.0","train-4: answered 0.0","train-5: answered 0.0"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.0,0.0,0.0,0.0,0.0,0.0],"metrics":{"given":[0.0,0.0,0.0,0.0,0.0,0.0]},"feedback":["validation-0: answered 0.0","validation-1: answered 0.0","validation-2: answered 0.0","validation-3: answered 0.0","validation-4: answered 0.0","validation-5: answered 0.0"]}]','def answer(wanted, size):
    return 0.0
');
INSERT INTO "measurements" VALUES(1,1,1.79607247213446545594e+09,'reference','half',0.5,NULL,0.5,NULL,'',3.0149913000013839337e-01,1.98252449999999358354e-02,4.15473590000000059241e-02,NULL,'{"given":3.75}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.5,0.5,0.5,0.5,0.5,0.5],"metrics":{"given":[2.5,3.0,3.5,4.0,4.5,5.0]},"feedback":["train-0: answered 2.5","train-1: answered 3.0","train-2: answered 3.5","train-3: answered 4.0","train-4: answered 4.5","train-5: answered 5.0"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.5,0.5,0.5,0.5,0.5,0.5],"metrics":{"given":[2.55,3.05,3.55,4.05,4.55,5.05]},"feedback":["validation-0: answered 2.55","validation-1: answered 3.05","validation-2: answered 3.55","validation-3: answered 4.05","validation-4: answered 4.55","validation-5: answered 5.05"]}]','def answer(wanted, size):
    return wanted / 2
');
INSERT INTO "measurements" VALUES(1,2,1.79607247234538960458e+09,'reference','seed',6.33333333333333303727e-01,NULL,0.6,NULL,'',2.10280435999720793915e-01,1.39640699999999950975e-02,0.045675673,NULL,'{"given":4.616666666666666}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5,0.5],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,4.5,5.0]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 4.5","train-5: answered 5.0"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.7,0.7,0.7,0.5,0.5,0.5],"metrics":{"given":[3.5699999999999994,4.27,4.97,4.05,4.55,5.05]},"feedback":["validation-0: answered 3.5699999999999994","validation-1: answered 4.27","validation-2: answered 4.97","validation-3: answered 4.05","validation-4: answered 4.55","validation-5: answered 5.05"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share
    return wanted * 0.7
# EVOLVE-BLOCK-END
');
INSERT INTO "measurements" VALUES(1,3,1.7960724853701043129e+09,'reference','tuned seed',0.807,NULL,0.807,0.0,'',3.54958460000034392578e-01,2.73452350000000787844e-02,6.37302860000000109819e-02,NULL,'{"given":6.052500000000001}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.807,0.807,0.8069999999999999,0.807,0.807,0.807],"metrics":{"given":[4.035,4.8420000000000005,5.649,6.456,7.263000000000001,8.07]},"feedback":["train-0: answered 4.035","train-1: answered 4.8420000000000005","train-2: answered 5.649","train-3: answered 6.456","train-4: answered 7.263000000000001","train-5: answered 8.07"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.8070000000000002,0.807,0.807,0.8069999999999999,0.807,0.807],"metrics":{"given":[4.1157,4.9227,5.7297,6.5367,7.3437,8.1507]},"feedback":["validation-0: answered 4.1157","validation-1: answered 4.9227","validation-2: answered 5.7297","validation-3: answered 6.5367","validation-4: answered 7.3437","validation-5: answered 8.1507"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.807
    if wanted > 3.15:
        return wanted * share
    return wanted * 1.78
# EVOLVE-BLOCK-END
');
INSERT INTO "measurements" VALUES(1,4,1.79607250600185012817e+09,'verify','trial:13',NULL,NULL,NULL,NULL,'',2.93223001800015481421e+00,0.180921903,2.35641139999999971177e-02,NULL,NULL,'["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"test","workloads":["test-0","test-1","test-2","test-3","test-4","test-5"],"scores":[1.0,1.0,1.0,1.0,1.0,1.0],"metrics":{"given":[5.2,6.2,7.2,8.2,9.2,10.2]},"feedback":["test-0: answered 5.2","test-1: answered 6.2","test-2: answered 7.2","test-3: answered 8.2","test-4: answered 9.2","test-5: answered 10.2"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    return wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "measurements" VALUES(1,5,1.79607250604930758475e+09,'verify','zero',NULL,NULL,NULL,NULL,'',2.97247835799998938455e+00,7.00167400000001327597e-03,0.022681639,NULL,NULL,'["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"test","workloads":["test-0","test-1","test-2","test-3","test-4","test-5"],"scores":[0.0,0.0,0.0,0.0,0.0,0.0],"metrics":{"given":[0.0,0.0,0.0,0.0,0.0,0.0]},"feedback":["test-0: answered 0.0","test-1: answered 0.0","test-2: answered 0.0","test-3: answered 0.0","test-4: answered 0.0","test-5: answered 0.0"]}]','def answer(wanted, size):
    return 0.0
');
INSERT INTO "measurements" VALUES(1,6,1.79607250612268519399e+09,'verify','half',NULL,NULL,NULL,NULL,'',1.2079116799986877595e-01,8.24855799999996142091e-03,0.024408512,NULL,NULL,'["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"test","workloads":["test-0","test-1","test-2","test-3","test-4","test-5"],"scores":[0.5,0.5,0.5,0.5,0.5,0.5],"metrics":{"given":[2.6,3.1,3.6,4.1,4.6,5.1]},"feedback":["test-0: answered 2.6","test-1: answered 3.1","test-2: answered 3.6","test-3: answered 4.1","test-4: answered 4.6","test-5: answered 5.1"]}]','def answer(wanted, size):
    return wanted / 2
');
INSERT INTO "measurements" VALUES(1,7,1.79607250621641492847e+09,'verify','seed',NULL,NULL,NULL,NULL,'',1.72896210000089922687e-01,9.2542360000000267739e-03,2.53686980000000020241e-02,NULL,NULL,'["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"test","workloads":["test-0","test-1","test-2","test-3","test-4","test-5"],"scores":[0.7,0.7,0.7,0.5,0.5,0.5],"metrics":{"given":[3.6399999999999997,4.34,5.04,4.1,4.6,5.1]},"feedback":["test-0: answered 3.6399999999999997","test-1: answered 4.34","test-2: answered 5.04","test-3: answered 4.1","test-4: answered 4.6","test-5: answered 5.1"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share
    return wanted * 0.7
# EVOLVE-BLOCK-END
');
INSERT INTO "measurements" VALUES(1,8,1.79607250630780529974e+09,'verify','tuned seed',NULL,NULL,NULL,NULL,'',1.850581079997937195e-01,9.37242799999998821292e-03,0.027052461,NULL,NULL,'["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"test","workloads":["test-0","test-1","test-2","test-3","test-4","test-5"],"scores":[0.807,0.8069999999999999,0.807,0.807,0.8070000000000002,0.8070000000000002],"metrics":{"given":[4.196400000000001,5.0034,5.8104000000000005,6.6174,7.4244,8.2314]},"feedback":["test-0: answered 4.196400000000001","test-1: answered 5.0034","test-2: answered 5.8104000000000005","test-3: answered 6.6174","test-4: answered 7.4244","test-5: answered 8.2314"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.807
    if wanted > 3.15:
        return wanted * share
    return wanted * 1.78
# EVOLVE-BLOCK-END
');
CREATE TABLE messages (
	run INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	kind VARCHAR NOT NULL, 
	author VARCHAR NOT NULL, 
	about INTEGER, 
	note TEXT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "messages" VALUES(1,0,1.79607249505853128427e+09,'hint','root',NULL,'','from a person');
INSERT INTO "messages" VALUES(1,1,1.79607252298165750506e+09,'ticket','',NULL,'','7 ');
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	created DOUBLE NOT NULL, 
	version VARCHAR NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	secret VARCHAR NOT NULL, 
	platform JSON, 
	recipe JSON, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "runs" VALUES(1,'old',1.79607247099457120894e+09,'0.1.0','be58cfe2ccd98ed9','8b3ce46b4643fd82a2a87ed14f317644','{"python":"3.11.7","system":"Linux","machine":"x86_64","cores":2}','{"task":"{task}","options":{},"generator":"offline","selector":"tournament","prompts":"improve","limits":{"trials":10,"dollars":null,"tokens":null,"minutes":null},"width":1,"workers":1,"seed":5,"seed_programs":[],"hints":["halve it"],"prices":[],"tuned":4,"shrink":4,"unsafe":false}');
CREATE TABLE schema (
	version INTEGER NOT NULL
);
INSERT INTO "schema" VALUES(4);
CREATE TABLE trials (
	run INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	question INTEGER NOT NULL, 
	seen INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	phase VARCHAR NOT NULL, 
	author VARCHAR NOT NULL, 
	niche VARCHAR NOT NULL, 
	note TEXT NOT NULL, 
	dollars DOUBLE, 
	input_tokens INTEGER NOT NULL, 
	output_tokens INTEGER NOT NULL, 
	calls INTEGER NOT NULL, 
	writing_seconds DOUBLE, 
	tries INTEGER, 
	parents JSON, 
	unusable JSON, 
	score DOUBLE, 
	partial DOUBLE, 
	validation DOUBLE, 
	spread DOUBLE, 
	stopped VARCHAR NOT NULL, 
	seconds DOUBLE, 
	referee_seconds DOUBLE, 
	player_seconds DOUBLE, 
	foul JSON, 
	metrics JSON, 
	isolation JSON, 
	outcomes JSON, 
	source TEXT NOT NULL, 
	PRIMARY KEY (run, number), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "trials" VALUES(1,0,0,0,1.79607247291255617141e+09,'seed','offline:start','','the start program',0.0,0,0,0,0.0,0,NULL,NULL,6.33333333333333303727e-01,NULL,0.6,0.0,'',4.52091025999834528192e-01,2.37134369999998373401e-02,7.10449309999999917275e-02,NULL,'{"given":4.616666666666666}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5,0.5],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,4.5,5.0]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 4.5","train-5: answered 5.0"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.7,0.7,0.7,0.5,0.5,0.5],"metrics":{"given":[3.5699999999999994,4.27,4.97,4.05,4.55,5.05]},"feedback":["validation-0: answered 3.5699999999999994","validation-1: answered 4.27","validation-2: answered 4.97","validation-3: answered 4.05","validation-4: answered 4.55","validation-5: answered 5.05"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share
    return wanted * 0.7
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,1,1,1,1.79607247466961288456e+09,'search','offline:combine+guard','','combine: wanted * share -> wanted * share + 1.12 * share; guard: if size <= 0.857 * share: return wanted * share',0.0,0,0,0,0.0,0,'[0]',NULL,0.653037037037037,NULL,6.31019968093675442943e-01,0.0,'',6.21989176999704795889e-01,2.47872249999999683112e-02,0.072487512,NULL,'{"given":4.803333333333334}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5622222222222223,0.556],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,5.0600000000000005,5.5600000000000005]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 5.0600000000000005","train-5: answered 5.5600000000000005"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.7,0.7,0.7,0.5691358024691358,0.5615384615384615,0.5554455445544554],"metrics":{"given":[3.5699999999999994,4.27,4.97,4.609999999999999,5.109999999999999,5.609999999999999]},"feedback":["validation-0: answered 3.5699999999999994","validation-1: answered 4.27","validation-2: answered 4.97","validation-3: answered 4.609999999999999","validation-4: answered 5.109999999999999","validation-5: answered 5.609999999999999"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share + 1.12 * share
    if size <= 0.857 * share:
        return wanted * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,2,2,2,1.7960724757698743343e+09,'search','offline:delete+widen+guard','','delete: without if size <= 0.857 * share; widen: wanted > 8 or 0.7 * wanted <= 2.35 * wanted; guard: if share < 0.585 * (1.12 * share): return wanted * share',0.0,0,0,0,0.0,0,'[1]',NULL,0.578925925925926,NULL,NULL,NULL,'',2.55360722999739664373e-01,1.06231579999999103947e-02,2.95221650000000064573e-02,NULL,'{"given":4.3100000000000005}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.612,0.5933333333333333,0.5800000000000001,0.5700000000000001,0.5622222222222223,0.556],"metrics":{"given":[3.06,3.56,4.0600000000000005,4.5600000000000005,5.0600000000000005,5.5600000000000005]},"feedback":["train-0: answered 3.06","train-1: answered 3.56","train-2: answered 4.0600000000000005","train-3: answered 4.5600000000000005","train-4: answered 5.0600000000000005","train-5: answered 5.5600000000000005"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted >= 0:
        return wanted * share + 1.12 * share
    if share < 0:
        return wanted * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,3,3,3,1.79607247658552789688e+09,'search','offline:guard','','guard: if wanted * share >= 0.991 * (wanted * share + …: return wanted * share + 1.12 * share',0.0,0,0,0,0.0,0,'[1]',NULL,0.653037037037037,NULL,NULL,NULL,'',2.21174224000151298241e-01,1.20437460000000218229e-02,3.13250900000000068179e-02,NULL,'{"given":4.803333333333334}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5622222222222223,0.556],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,5.0600000000000005,5.5600000000000005]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 5.0600000000000005","train-5: answered 5.5600000000000005"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share + 1.12 * share
    if size <= 0.857 * share:
        return wanted * share
    if wanted * share >= 123 * share:
        return wanted * share + 1.12 * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,4,4,4,1.79607247733744239803e+09,'search','offline:cross+guard+cross','','cross: if share < 0 comes in; guard: if share <= 0.543 * wanted: return wanted * 0.7; cross: if share < 0 comes in',0.0,0,0,0,0.0,0,'[0,2]',NULL,6.33333333333333303727e-01,NULL,NULL,NULL,'',1.92007788000410073436e-01,1.13512829999999897978e-02,0.029228163,NULL,'{"given":4.616666666666666}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5,0.5],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,4.5,5.0]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 4.5","train-5: answered 5.0"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share
    if share < 0:
        if share <= 0.543 * wanted:
            return 0.7 * wanted
        return wanted * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,5,5,5,1.79607247794249796869e+09,'search','offline:cross+cross','','cross: 1.12 * share -> wanted; cross: if wanted > 8 comes in',0.0,0,0,0,0.0,0,'[1,0]',NULL,6.33333333333333303727e-01,NULL,NULL,NULL,'',2.6948473799984640209e-01,8.77299900000005905553e-03,2.48911250000000035254e-02,NULL,'{"given":4.616666666666666}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5,0.5],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,4.5,5.0]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 4.5","train-5: answered 5.0"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share
    if size <= 0.857 * share:
        return wanted * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,6,6,6,1.79607247834940695761e+09,'search','offline:cross','','cross: 8 -> wanted * share',0.0,0,0,0,0.0,0,'[1,0]',NULL,0.578925925925926,NULL,NULL,NULL,'',1.864986609998595668e-01,1.18559210000001025164e-02,0.024736172,NULL,'{"given":4.3100000000000005}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.612,0.5933333333333333,0.5800000000000001,0.5700000000000001,0.5622222222222223,0.556],"metrics":{"given":[3.06,3.56,4.0600000000000005,4.5600000000000005,5.0600000000000005,5.5600000000000005]},"feedback":["train-0: answered 3.06","train-1: answered 3.56","train-2: answered 4.0600000000000005","train-3: answered 4.5600000000000005","train-4: answered 5.0600000000000005","train-5: answered 5.5600000000000005"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > wanted * share:
        return wanted * share + 1.12 * share
    if size <= 0.857 * share:
        return wanted * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,7,7,7,1.79607247922196769712e+09,'search','offline:const+narrow','','const: 0.5 -> 0.952; narrow: wanted > 8 and share >= 2.03 * (1.12 * share)',0.0,0,0,0,0.0,0,'[1]',NULL,6.99999999999999844568e-01,NULL,6.99999999999999844568e-01,0.0,'',4.90312503000041033374e-01,3.00430109999999528369e-02,7.82928840000000070276e-02,NULL,'{"given":5.25}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.7,0.7],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,6.3,7.0]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 6.3","train-5: answered 7.0"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.7,0.7,0.7,0.7,0.7,0.7],"metrics":{"given":[3.5699999999999994,4.27,4.97,5.669999999999999,6.369999999999999,7.069999999999999]},"feedback":["validation-0: answered 3.5699999999999994","validation-1: answered 4.27","validation-2: answered 4.97","validation-3: answered 5.669999999999999","validation-4: answered 6.369999999999999","validation-5: answered 7.069999999999999"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.952
    if wanted > 8 and share <= 0:
        return wanted * share + 1.12 * share
    if size <= 0.857 * share:
        return wanted * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,8,8,8,1.79607247976538348202e+09,'search','offline:guard+delete','','guard: if share >= 0.395 * (0.857 * share): return wanted * share; delete: without if size <= 0.857 * share',0.0,0,0,0,0.0,0,'[1]',NULL,6.33333333333333303727e-01,NULL,NULL,NULL,'',1.48641131000204040901e-01,1.05268689999999942585e-02,0.023485371,NULL,'{"given":4.616666666666666}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5,0.5],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,4.5,5.0]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 4.5","train-5: answered 5.0"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        if share >= 0:
            return wanted * share
        return wanted * share + 1.12 * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,9,9,9,1.79607248047763943675e+09,'search','offline:threshold+dropcond','','threshold: 1.12 * share -> 1.12 * share + 3; dropcond: without share <= 0',0.0,0,0,0,0.0,0,'[7]',NULL,6.72928592592592522692e-01,NULL,NULL,NULL,'',1.8563580299996829126e-01,9.37708300000006378382e-03,2.47948040000000036187e-02,NULL,'{"given":7.403413333333333}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.7,0.7,0.7,0.7,0.5961955555555556,0.641376],"metrics":{"given":[3.5,4.199999999999999,4.8999999999999995,5.6,12.63424,13.58624]},"feedback":["train-0: answered 3.5","train-1: answered 4.199999999999999","train-2: answered 4.8999999999999995","train-3: answered 5.6","train-4: answered 12.63424","train-5: answered 13.58624"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.952
    if wanted > 8:
        return wanted * share + 1.12 * share + 3
    if size <= 0.857 * share:
        return wanted * share
    return 0.7 * wanted
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,10,10,10,1.79607248111132621762e+09,'search','offline:branch+const','','branch: if size <= 0.857 * share; const: 0.857 -> 0.877',0.0,0,0,0,0.0,0,'[7]',NULL,0.952,NULL,0.952,0.0,'',5.09154257999853143701e-01,2.46354200000000744807e-02,0.075063949,NULL,'{"given":7.14}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.952,0.952,0.952,0.952,0.952,0.952],"metrics":{"given":[4.76,5.712,6.664,7.616,8.568,9.52]},"feedback":["train-0: answered 4.76","train-1: answered 5.712","train-2: answered 6.664","train-3: answered 7.616","train-4: answered 8.568","train-5: answered 9.52"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.9519999999999998,0.9519999999999998,0.952,0.952,0.952,0.952],"metrics":{"given":[4.855199999999999,5.807199999999999,6.759199999999999,7.711199999999999,8.6632,9.6152]},"feedback":["validation-0: answered 4.855199999999999","validation-1: answered 5.807199999999999","validation-2: answered 6.759199999999999","validation-3: answered 7.711199999999999","validation-4: answered 8.6632","validation-5: answered 9.6152"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.952
    if wanted > 8 and share <= 0:
        return wanted * share + 1.12 * share
    if size <= 0.877 * share:
        return 0.7 * wanted
    return wanted * share
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,11,11,11,1.79607248583779644966e+09,'shrink','offline:shrink','','without if wanted > 8 and share <= 0',0.0,0,0,0,0.0,0,'[10]',NULL,0.952,NULL,0.952,0.0,'',2.93968446000235417159e-01,1.94625379999999736924e-02,6.182101400000000746e-02,NULL,'{"given":7.14}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.952,0.952,0.952,0.952,0.952,0.952],"metrics":{"given":[4.76,5.712,6.664,7.616,8.568,9.52]},"feedback":["train-0: answered 4.76","train-1: answered 5.712","train-2: answered 6.664","train-3: answered 7.616","train-4: answered 8.568","train-5: answered 9.52"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.9519999999999998,0.9519999999999998,0.952,0.952,0.952,0.952],"metrics":{"given":[4.855199999999999,5.807199999999999,6.759199999999999,7.711199999999999,8.6632,9.6152]},"feedback":["validation-0: answered 4.855199999999999","validation-1: answered 5.807199999999999","validation-2: answered 6.759199999999999","validation-3: answered 7.711199999999999","validation-4: answered 8.6632","validation-5: answered 9.6152"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.952
    if size <= 0.877 * share:
        return 0.7 * wanted
    return wanted * share
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,12,12,12,1.79607248622261166572e+09,'shrink','offline:shrink','','without if size <= 0.877 * share',0.0,0,0,0,0.0,0,'[11]',NULL,0.952,NULL,0.952,0.0,'',2.96825124999941181158e-01,1.89929930000000135592e-02,5.74643060000000066578e-02,NULL,'{"given":7.14}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[0.952,0.952,0.952,0.952,0.952,0.952],"metrics":{"given":[4.76,5.712,6.664,7.616,8.568,9.52]},"feedback":["train-0: answered 4.76","train-1: answered 5.712","train-2: answered 6.664","train-3: answered 7.616","train-4: answered 8.568","train-5: answered 9.52"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[0.9519999999999998,0.9519999999999998,0.952,0.952,0.952,0.952],"metrics":{"given":[4.855199999999999,5.807199999999999,6.759199999999999,7.711199999999999,8.6632,9.6152]},"feedback":["validation-0: answered 4.855199999999999","validation-1: answered 5.807199999999999","validation-2: answered 6.759199999999999","validation-3: answered 7.711199999999999","validation-4: answered 8.6632","validation-5: answered 9.6152"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.952
    return wanted * share
# EVOLVE-BLOCK-END
');
INSERT INTO "trials" VALUES(1,13,13,13,1.7960724866720035076e+09,'shrink','offline:shrink','','wanted * share -> wanted',0.0,0,0,0,0.0,0,'[12]',NULL,1.0,NULL,1.0,0.0,'',4.16005992000009428011e-01,2.14541619999999433332e-02,0.061367011,NULL,'{"given":7.5}','["standard","interpreter","rlimits","seccomp 2.5.4","landlock abi 7","uid"]','[{"split":"train","workloads":["train-0","train-1","train-2","train-3","train-4","train-5"],"scores":[1.0,1.0,1.0,1.0,1.0,1.0],"metrics":{"given":[5.0,6.0,7.0,8.0,9.0,10.0]},"feedback":["train-0: answered 5.0","train-1: answered 6.0","train-2: answered 7.0","train-3: answered 8.0","train-4: answered 9.0","train-5: answered 10.0"]},{"split":"validation","workloads":["validation-0","validation-1","validation-2","validation-3","validation-4","validation-5"],"scores":[1.0,1.0,1.0,1.0,1.0,1.0],"metrics":{"given":[5.1,6.1,7.1,8.1,9.1,10.1]},"feedback":["validation-0: answered 5.1","validation-1: answered 6.1","validation-2: answered 7.1","validation-3: answered 8.1","validation-4: answered 9.1","validation-5: answered 10.1"]}]','"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    return wanted
# EVOLVE-BLOCK-END
');
CREATE INDEX trials_by_score ON trials (run, score);
COMMIT;
