int spec_placeholder(void); int spec_placeholder(void){return 0;}
